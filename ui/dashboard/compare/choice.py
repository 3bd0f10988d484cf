"""Which two models are compared: of all runs, those whose records tell of the same faces."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.models import default_model
from core.review import why_not_comparable
from core.runs import Run
from ui.dashboard.selection import Tested, records
from ui.wording import plain

HOW_TO = "`python -m training.evaluate MODEL --data DATA --record-as NAME`"
NAMED = 10  # runs named in one sentence; the rest is counted


def choose_pair(runs: Sequence[Run]) -> tuple[Tested, Tested] | None:
    """A and B, by default of the first two of `runs`, else of the first and the best other one.

    Says why where the first cannot be compared, and why the others are not offered.
    """
    measured, others = _measured()
    found = {(one.run.name, one.name): one for one in measured if _partners(one, measured)}
    if not found:
        st.info(
            "No two models here were measured on the same data, so there is nothing to compare. Measure "
            f"another one on the data of the first: {HOW_TO}",
            icon=":material/science:",
        )
        return None
    if runs and not any(one.run.name == runs[0].name for one in found.values()):
        _say_alone(runs[0])
        return None
    wanted = [run.name for run in runs[:2]]
    first, second = _default(list(found.values()), wanted)
    if len(wanted) == 2 and {first.run.name, second.run.name} != set(wanted):
        st.info(f"{' and '.join(map(plain, wanted))} cannot be compared: {_between(measured, wanted)}.")
    left, right = st.columns(2)
    with left:
        a = _select("Model A", list(found), first, f"compare a {wanted}", found)
    offered = {(one.run.name, one.name): one for one in _partners(a, measured)}
    best = second if (second.run.name, second.name) in offered else _best(a, list(offered.values()))
    with right:
        b = _select("Model B", list(offered), best, f"compare b {wanted}", found)
    _why_not_others(a, [one for one in measured if one is not a], others)
    return a, b


def _say_alone(run: Run) -> None:
    """Nothing here can be compared with a run, and how that would become possible."""
    name, model = plain(run.name), default_model()
    if not run.evaluations:
        st.info(f"{name} was not measured yet, so there is nothing to compare.", icon=":material/science:")
        return
    n = max(evaluation.n for evaluation in run.evaluations.values())
    st.info(
        f"No other run was measured on the {n:,} faces of {name}, or their faces were not recorded one by "
        f"one. Measure {model} on the same data, then both can be compared:",
        icon=":material/science:",
    )
    st.code(f"python -m training.evaluate {model} --data DATA --record-as my_data", language="bash")


def _measured() -> tuple[list[Tested], dict[str, list[str]]]:
    """All evaluations with faces one by one; and by reason, the names of what has none."""
    measured: list[Tested] = []
    others: dict[str, list[str]] = {"not measured yet": [], "no predictions.csv": [], "broken records": []}
    for name, run in records.runs().items():
        if not isinstance(run, Run):
            others["broken records"].append(name)
            continue
        if run.of_detector:
            continue
        if not run.evaluations:
            others["not measured yet"].append(name)
        for evaluation, found in run.evaluations.items():
            one = Tested(run, evaluation, found)
            if one.has_predictions:
                measured.append(one)
            else:
                others["no predictions.csv"].append(one.title)
    return measured, others


def _partners(one: Tested, measured: Sequence[Tested]) -> list[Tested]:
    return [
        other
        for other in measured
        if other is not one and not why_not_comparable(one.evaluation, other.evaluation)
    ]


def _default(offered: list[Tested], wanted: list[str]) -> tuple[Tested, Tested]:
    of_wanted = [[one for one in offered if one.run.name == name] for name in wanted]
    if len(of_wanted) == 2:
        for a in of_wanted[0]:
            for b in _partners(a, of_wanted[1]):
                return a, b
    a = next((one for some in of_wanted for one in some), offered[0])
    return a, _best(a, _partners(a, offered))


def _best(a: Tested, partners: list[Tested]) -> Tested:
    """The most accurate, but accuracies are of the same faces only where the labels are the same."""
    return max(partners, key=lambda b: (b.evaluation.labels == a.evaluation.labels, b.evaluation.accuracy))


def _select(
    label: str,
    options: list[tuple[str, str]],
    default: Tested,
    key: str,
    titles: dict[tuple[str, str], Tested],
) -> Tested:
    chosen = st.selectbox(
        label,
        options,
        index=options.index((default.run.name, default.name)),
        format_func=lambda option: titles[option].title,
        key=key,
        persist_state="page",
    )
    return titles[chosen]


def _between(measured: Sequence[Tested], wanted: Sequence[str]) -> str:
    """Why none of the evaluations of two runs can be compared."""
    a, b = ([one for one in measured if one.run.name == name] for name in wanted)
    reasons = {why_not_comparable(x.evaluation, y.evaluation) for x in a for y in b}
    return ", ".join(sorted(filter(None, reasons))) or "one of them has no predictions.csv"


def _why_not_others(a: Tested, measured: Sequence[Tested], others: dict[str, list[str]]) -> None:
    reasons: dict[str, list[str]] = {}
    for one in measured:
        if reason := why_not_comparable(a.evaluation, one.evaluation):
            reasons.setdefault(reason, []).append(one.title)
    reasons.update({reason: names for reason, names in others.items() if names})
    if not reasons:
        return
    with st.expander(f"Why {sum(map(len, reasons.values()))} others cannot be compared with A"):
        for reason, names in reasons.items():
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            st.markdown(
                f"- **{reason[0].upper()}{reason[1:]}**: {', '.join(map(plain, names[:NAMED]))}{more}"
            )
        st.caption(f"To measure a model on the data of another: {HOW_TO}")
