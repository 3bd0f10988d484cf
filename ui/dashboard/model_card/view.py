"""The model card of a run: on the screen, as Markdown, and as one HTML file with its charts."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.decision import OperatingPoint
from core.errors import MaskwiseError, RecordError
from core.models import DetectorCard, ModelCard
from core.reports import model_card
from core.runs import Run
from ui import loaders
from ui.controls import download
from ui.dashboard.model_card import html as card_page
from ui.dashboard.selection import choose, records
from ui.wording import plain

_SCROLLED = "<style>[data-testid=stMarkdownContainer] table {display: block; overflow-x: auto}</style>"


def show(runs: Sequence[Run]) -> None:
    run = choose.run(runs)
    name, card = _installed(run)
    try:
        point = _point(name, card)
        sections = model_card.sections(run, card, point)
        numbers = model_card.numbers(run)
    except MaskwiseError as problem:
        st.error(plain(str(problem)), icon=":material/error:")
        return
    _downloads(run, card, point)
    st.html(_SCROLLED)  # a table's hash is wider than a phone
    with st.container(key="card text"):
        for section in sections:
            st.header(plain(section.title), anchor=False)
            st.markdown(section.body)
    with st.expander(plain(numbers.title), icon=":material/table:"):
        st.markdown(numbers.body)


def _installed(run: Run) -> tuple[str, ModelCard | DetectorCard | None]:
    """What was made of the run and is installed here, by name."""
    if run.of_detector:
        return next(iter(records.detectors_of(run).items()), ("", None))
    return next(iter(records.models_of(run).items()), ("", None))


def _point(name: str, card: ModelCard | DetectorCard | None) -> OperatingPoint | None:
    """The one in use; what is wrong with a user's own is said, and the card's own is in use."""
    if not isinstance(card, ModelCard):
        return None
    try:
        return loaders.operating_point(name, card)
    except RecordError as problem:
        st.warning(plain(str(problem)), icon=":material/warning:")
        return None


def _downloads(run: Run, card: ModelCard | DetectorCard | None, point: OperatingPoint | None) -> None:
    """Each file is whole by itself: no reader shows charts in Markdown, so that has their numbers."""
    name = f"model-card-{run.config.id}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Download**", width="content")
        download(
            "HTML with charts",
            lambda: card_page.page(run, card, point),
            f"{name}.html",
            "text/html",
            key="card html",
            help="One file of 5 MB that needs no network, light or dark as its reader's screen",
        )
        download(
            "Markdown",
            lambda: model_card.markdown(run, card, point),
            f"{name}.md",
            "text/markdown",
            key="card markdown",
            help="For a repository: the numbers of the charts are in it as tables",
        )
