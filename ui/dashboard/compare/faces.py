"""The faces on which two models disagree, one by one."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.labels import appearance
from core.review import MatchedFaces
from ui import chart
from ui.controls import choose_one

KINDS = {
    "Only A is right": (True, False),
    "Only B is right": (False, True),
    "Both wrong, differently": (False, False),
}
ALL = "All"


def show(faces: MatchedFaces) -> None:
    st.subheader("Where they disagree", anchor=False)
    rows = faces.disagreements()
    if not len(rows):
        st.info("They give the same answer on every face.")
        return
    right_a, right_b = (said[rows] == faces.true[rows] for said in (faces.said_a, faces.said_b))
    masks = {kind: (right_a == a) & (right_b == b) for kind, (a, b) in KINDS.items()}
    kind = choose_one(
        "Which faces",
        [ALL, *KINDS],
        format_func=lambda kind: f"{kind} ({len(rows) if kind == ALL else int(masks[kind].sum()):,})",
        key="compare disagreements",
        label_visibility="collapsed",
    )
    shown = rows if kind == ALL else rows[masks[kind]]
    if not len(shown):
        st.info("There is no such face.")
        return
    words = pd.array([appearance(label).short for label in faces.labels], dtype="str")
    ids = {"Id": faces.id_a[shown]}
    if (faces.id_a != faces.id_b).any():
        ids = {"Id in A": faces.id_a[shown], "Id in B": faces.id_b[shown]}
    table = pd.DataFrame(
        {
            "Source": faces.source[shown],
            "Truth": words[faces.true[shown]],
            "A says": words[faces.said_a[shown]],
            "A is sure": faces.a.max(axis=1)[shown],
            "B says": words[faces.said_b[shown]],
            "B is sure": faces.b.max(axis=1)[shown],
            "Face, pixels": faces.face_px[shown],
            **ids,
        }
    )
    first = table.iloc[0]
    sentence = (
        f"{len(table):,} faces, the surest wrong answer first. There the truth is {first['Truth']}; A says "
        f"{first['A says']} ({first['A is sure']:.1%}), B {first['B says']} ({first['B is sure']:.1%})."
    )
    proportions = dict.fromkeys(("A is sure", "B is sure"), chart.PROBABILITY)
    chart.table(table, sentence, key="compare faces", column_config=proportions)
