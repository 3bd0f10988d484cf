"""Compare: two models on the same test faces, where they disagree, and both on a visitor's photo."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.errors import MaskwiseError
from core.labels import appearance
from core.metrics import PairedCounts, format_interval, mean_recall_interval, percent, wilson
from core.review import MatchedFaces, macro_recalls, match
from core.runs import Run
from ui import chart
from ui.dashboard.compare import choice
from ui.dashboard.compare import faces as compare_faces
from ui.dashboard.compare import photo as compare_photo
from ui.dashboard.selection import Tested
from ui.figures import compare as figures
from ui.figures import points, told
from ui.wording import plain

CHANCE = (
    0.05  # the proportion of comparisons of equal models that are called different: that of 95% intervals
)
ROWS = 30  # labels or sources in a chart; more cannot be read


def show(runs: Sequence[Run]) -> None:
    pair = choice.choose_pair(runs)
    if pair is None:
        compare_photo.show_runs(runs[:2])
        return
    a, b = pair
    try:
        faces = match(a.evaluation, a.predictions(), b.evaluation, b.predictions())
    except MaskwiseError as problem:
        st.error(plain(str(problem)))
    else:
        _headline(a, b, faces)
        _parts(faces)
        compare_faces.show(faces)
    compare_photo.show(a, b)


def verdict(counts: PairedCounts) -> str:
    """What McNemar's test says, as a sentence."""
    p = "p < 0.001" if counts.p_value < 0.001 else f"p = {counts.p_value:.2g}"
    low, high = (points(end) for end in counts.interval)
    more = counts.hits_b - counts.hits_a
    found = f"{points(counts.difference)} points, {low} to {high}"
    if not more:
        return f"A and B are correct on equally many of {counts.n:,} faces (B − A: {found}; {p})."
    who = f"{'B' if more > 0 else 'A'} is correct on {abs(more):,} more of {counts.n:,} faces (B − A: {found}"
    if counts.p_value < CHANCE:
        return f"{who}; significant, {p} by McNemar's test)."
    return f"A and B cannot be told apart: {who}; not significant, {p} by McNemar's test)."


def _headline(a: Tested, b: Tested, faces: MatchedFaces) -> None:
    counts = faces.paired_counts()
    by_label = faces.by_label()
    recall_a, recall_b = macro_recalls(by_label)
    st.markdown(f"**{verdict(counts)}**")
    if (recall_b - recall_a) * counts.difference < 0:
        st.markdown(
            f"Each label counted alike it is the other way round: mean recall is {percent(recall_a)} for A "
            f"and {percent(recall_b)} for B. Look at the labels below."
        )
    with st.container(horizontal=True):
        st.metric("Faces in common", f"{counts.n:,}", width="content")
        for name, hits in (("A", counts.hits_a), ("B", counts.hits_b)):
            chart.metric(
                f"Accuracy of {name}", percent(hits / counts.n), format_interval(wilson(hits, counts.n))
            )
        for name, recall, field in (("A", recall_a, "hits_a"), ("B", recall_b, "hits_b")):
            interval = mean_recall_interval((getattr(part, field), part.n) for part in by_label.values())
            chart.metric(f"Macro recall of {name}", percent(recall), format_interval(interval))
    notes = [*_read_as(a, b, faces), _independence(a, b), *_seen(a), *_seen(b)]
    st.caption(plain(" ".join(notes)))


def _read_as(a: Tested, b: Tested, faces: MatchedFaces) -> list[str]:
    """How labels were made the same, where they are not."""
    if a.evaluation.labels.names == b.evaluation.labels.names:
        return []
    names = ", ".join(appearance(label).short for label in faces.labels)
    left_out = max(a.evaluation.n, b.evaluation.n) - len(faces)
    if not left_out:
        return [f"Their labels differ; both are read as: {names}."]
    out = f"{left_out:,} {'face' if left_out == 1 else 'faces'} of a label that one of them does not know"
    return [
        f"Their labels differ; both are read as: {names}. {out} {'is' if left_out == 1 else 'are'} left out."
    ]


def _independence(a: Tested, b: Tested) -> str:
    """What the intervals here leave out, and how much that is where it was measured."""
    note = "Intervals are of 95% and take the faces as independent: too narrow where the test holds twins."
    for name, one in (("A", a), ("B", b)):
        if groups := one.evaluation.bootstrap:
            return (
                f"{note} Drawn by whole groups, the accuracy of {name} in its record is "
                f"{format_interval(groups.accuracy)}; by faces it is "
                f"{format_interval(one.evaluation.interval)}."
            )
    return note


def _seen(one: Tested) -> list[str]:
    """What of the test a model may have learned by heart."""
    leakage = one.evaluation.leakage
    if leakage is None or leakage.shared_faces is None:
        return [f"It is not recorded whether {one.title} learned from pictures of the same groups."]
    if leakage.shared_faces:
        return [f"{leakage.shared_faces:,} test faces are of groups that {one.title} learned from."]
    return []


def _parts(faces: MatchedFaces) -> None:
    counts = faces.paired_counts()
    left, middle, right = st.columns(3)
    with left:
        chart.show(
            figures.agreement(counts), _agreement(counts), _as_table([("all", counts)]), key="compare right"
        )
    labels = [(appearance(label).short, part) for label, part in faces.by_label().items()]
    with middle:
        _differences("By true label", labels, "B − A, points of recall", "compare labels")
    with right:
        _differences(
            "By source", list(faces.by_source().items()), "B − A, points of accuracy", "compare sources"
        )


def _agreement(counts: PairedCounts) -> str:
    same, one = counts.both + counts.neither, counts.only_a + counts.only_b
    told_one = f"Of the {one:,} on which one alone is right, it is B on {counts.only_b:,}." if one else ""
    return f"Both are right, or both wrong, on {same:,} of {counts.n:,} faces. {told_one}"


def _differences(title: str, parts: Sequence[tuple[str, PairedCounts]], axis: str, key: str) -> None:
    found = sorted((part for part in parts if part[1].n), key=lambda part: part[1].difference)
    empty = [name for name, counts in parts if not counts.n]
    shown = found[:ROWS]
    kinds = [told(counts) for _, counts in found]
    name, worst = found[0]
    low, high = (points(end) for end in worst.interval)
    sentence = (
        f"Worst for B: {name}, {points(worst.difference)} points ({low} to {high}, {worst.n:,} faces). "
        f"B is right more often on {kinds.count('better')} of {len(found)}, A on {kinds.count('worse')}."
    )
    if len(found) > ROWS:
        sentence += f" The {ROWS} worst for B are drawn, the CSV has all."
    if empty:
        sentence += f" No examples: {', '.join(empty[:ROWS])}."
    chart.show(figures.differences(title, shown, axis), sentence, _as_table(parts), key=key)


def _as_table(parts: Sequence[tuple[str, PairedCounts]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "part": name,
                "faces": c.n,
                "both right": c.both,
                "only A right": c.only_a,
                "only B right": c.only_b,
                "both wrong": c.neither,
                "difference B - A": c.difference,
                "low": c.interval[0],
                "high": c.interval[1],
                "McNemar p": c.p_value,
            }
            for name, c in parts
        ]
    )
