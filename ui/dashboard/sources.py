"""Sources: what a model is worth on pictures from elsewhere, and whether training saw the test pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd
import streamlit as st

from core.errors import RecordError
from core.labels import appearance
from core.metrics import format_interval, percent, wilson
from core.models import LabelScore
from core.review import LEAST, Pair, label_names, mean_of, pairs
from core.runs import CrossSource, Leakage, Run
from ui import chart
from ui.dashboard.selection import Tested, choose, records
from ui.figures import MAX_ROWS, MAX_SOURCES, by_source, matrix
from ui.wording import plain

AUDIT = "python -m training.evaluate MODEL --data DATA --audit"


def show(runs: Sequence[Run]) -> None:
    tested = choose.tested(runs)
    if tested:
        left, right = st.columns([3, 2], gap="large")
        with left:
            st.subheader(f"{plain(tested.title)}, by source", anchor=False)
            _show_scores(tested.evaluation.scores)
        with right:
            st.subheader("Did training see the test pictures?", anchor=False)
            _show_leakage(tested)
    st.subheader("Trained on one source, tested on another", anchor=False)
    _show_table(runs)


def _show_table(runs: Sequence[Run]) -> None:
    tables = records.cross_sources()
    for problem in tables.values():
        if isinstance(problem, RecordError):
            st.error(plain(str(problem)), icon=":material/error:")
    usable = {name: table for name, table in tables.items() if isinstance(table, CrossSource) and table.cells}
    if not usable:
        st.info(
            "There is no cross-source table yet. Make one: `python -m training.cross_source RECIPE "
            "--data DATA --source A --source B --output runs/NAME`",
            icon=":material/hub:",
        )
        return
    table = usable[_choose_table(usable, runs)]
    if table.recipe not in {run.config.recipe for run in runs}:
        st.caption(f"Of other models: of the recipe {plain(table.recipe)}, each trained on one source alone.")
    labels = label_names(table)
    label = st.selectbox(
        "Recall of",
        [None, *labels],
        format_func=lambda label: "all labels, their mean" if label is None else appearance(label).short,
        key=f"sources label {table.id}",
        persist_state="page",
    )
    found = pairs(table, label)
    of = f"Mean recall of {len(labels)} labels" if label is None else f"Recall of {appearance(label).short}"
    chart.show(matrix(found, of), _compare(table, found), _pairs_data(found), key="sources matrix")


def _choose_table(tables: dict[str, CrossSource], runs: Sequence[Run]) -> str:
    """One that a selected run is of, or that was made by its recipe, comes first."""
    names = list(tables)
    if len(names) == 1:
        return names[0]
    of_runs = {run.name.partition("/")[0] for run in runs}
    recipes = {run.config.recipe for run in runs}
    names.sort(key=lambda name: (name not in of_runs, tables[name].recipe not in recipes))
    return st.selectbox("Table", names, key="sources table", persist_state="page")


def _compare(table: CrossSource, found: Sequence[Pair]) -> str:
    own, others = [p for p in found if p.own and p.known], [p for p in found if not p.own and p.known]
    said = [f"Recipe {table.recipe}."]
    if own and others:
        least = min(others, key=lambda pair: pair.recall)
        said.append(
            "Trained and tested on one source (outlined; on the groups kept for validation) "
            f"{percent(mean_of(own))} on average, on other sources {percent(mean_of(others))}. "
            f"Least: trained on {least.trained_on}, tested on {least.tested_on}, {percent(least.recall)} of "
            f"{least.n:,} faces ({format_interval(least.interval)})."
        )
    if empty := sum(not pair.known for pair in found):
        said.append(f"{empty} of {len(found)} pairs have no examples.")
    sources = {pair.trained_on for pair in found}, {pair.tested_on for pair in found}
    if max(map(len, sources)) > MAX_SOURCES:
        said.append(f"The first {MAX_SOURCES} sources are drawn, all are in the CSV.")
    said.append("Intervals take faces for independent; near-twins in a source make them too narrow.")
    return " ".join(said)


def _pairs_data(found: Sequence[Pair]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "trained on": pair.trained_on,
            "tested on": pair.tested_on,
            "recall": pair.recall,
            "interval low": pair.interval[0],
            "interval high": pair.interval[1],
            "faces": pair.n,
            "own validation groups": pair.own,
        }
        for pair in found
    )


def _show_leakage(tested: Tested) -> None:
    leakage = tested.evaluation.leakage
    audit = f"`{AUDIT} {'--record-as NAME' if tested.name else '--record'}`"
    if leakage is None:
        st.info(f"This older record does not say. Measure again: {audit}", icon=":material/content_copy:")
        return
    if leakage.allowed:
        st.warning(
            "Somebody chose to measure on groups that training may share (`--allow-shared-groups`), so these "
            "figures may flatter.",
            icon=":material/warning:",
        )
    st.markdown("\n".join(f"- {sentence}" for sentence in leakage_words(leakage, audit)))


def leakage_words(leakage: Leakage, audit: str) -> Iterator[str]:
    """What is known, in sentences; `audit` is the command that looks for near-twins."""
    n = leakage.n
    if leakage.shared_groups is None:
        yield "**Shared groups:** not known, as the run keeps no list of the groups that it learned from."
    elif not leakage.shared_groups:
        yield f"**Shared groups:** none. No group of the {n:,} test faces was learned from or chosen by."
    else:
        yield (
            f"**Shared groups:** {leakage.shared_groups:,}, with {_part(leakage.shared_faces, n)} of the "
            "test faces, were learned from or chosen by too."
        )
    if leakage.twins is None:
        yield f"**Near-twins in training:** not looked for. Do so: {audit}"
        return
    yield f"**Near-twins in training:** {_part(leakage.twins, n)} of these test faces have one."
    if leakage.twins and leakage.hits_with_twin is not None and leakage.hits_without is not None:
        yield (
            f"Correct with a twin: {_rate(leakage.hits_with_twin, leakage.twins)}; "
            f"without: {_rate(leakage.hits_without, n - leakage.twins)}."
        )


def _part(count: int | None, n: int) -> str:
    if count is None:
        return "an unknown share"
    return f"{percent(count / n if n else math.nan)} ({count:,} of {n:,})"


def _rate(hits: int, n: int) -> str:
    return f"{_part(hits, n)}, 95% interval {format_interval(wilson(hits, n))}"


def _show_scores(scores: Sequence[LabelScore]) -> None:
    known = [score for score in scores if not math.isnan(score.recall + sum(score.interval))]
    known.sort(key=lambda score: (score.n < LEAST, score.recall, -score.n))
    if not known:
        st.info("This evaluation has no faces by source.", icon=":material/hub:")
        return
    worst = known[0]
    said = [
        f"Worst: {appearance(worst.label).short} of {worst.source}, {percent(worst.recall)} of {worst.n:,} "
        f"faces ({format_interval(worst.interval)})."
    ]
    if few := sum(score.n < LEAST for score in known):
        said.append(f"{few} of {len(known)} rows, the last, have fewer than {LEAST} faces: too few to tell.")
    if len(scores) > len(known):
        said.append(f"{len(scores) - len(known)} more have no examples.")
    if len(known) > MAX_ROWS:
        said.append(f"The worst {MAX_ROWS} are drawn, all are in the CSV.")
    chart.show(by_source(known), " ".join(said), _scores_data(known), key="sources recall")


def _scores_data(scores: Sequence[LabelScore]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source": score.source,
            "true label": score.label,
            "recall": score.recall,
            "interval low": score.interval[0],
            "interval high": score.interval[1],
            "faces": score.n,
        }
        for score in scores
    )
