"""Run records for the screen: read once each time they are written, and shared by all visitors."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import streamlit as st

from core.errors import RecordError
from core.files import require_displayable_name
from core.models import DETECTOR_CARD_FILE, DetectorCard, ModelCard, installed, read_detector_card
from core.records import file_stamp
from core.runs import (
    CROSS_SOURCE_FILE,
    DETECTIONS_FILE,
    PREDICTIONS_FILE,
    CrossSource,
    Detections,
    Predictions,
    Run,
    catalog,
    file_name,
    read_cross_source,
    read_detections,
    read_predictions,
)
from ui import loaders


def runs() -> dict[str, Run | RecordError]:
    """Every run on this machine by name, or what is wrong with it."""
    found: dict[str, Run | RecordError] = {}
    for name, folder in catalog.folders().items():
        try:
            found[name] = _run(name, folder, catalog.fingerprint(folder))
        except RecordError as problem:
            found[name] = problem
    return found


def models_of(run: Run) -> dict[str, ModelCard]:
    """Installed models that were made of a run, by name; first those whose weights were measured in it."""
    measured = {evaluation.weights_sha256 for evaluation in run.evaluations.values()}
    made = {
        name: card
        for name, card in loaders.usable_models().items()
        if card.trained_by in (run.config.id, run.name)
    }
    return dict(
        sorted(made.items(), key=lambda item: measured.isdisjoint(w.sha256 for w in item[1].weights.values()))
    )


def detectors_of(run: Run) -> dict[str, DetectorCard]:
    """Installed detectors that were made of a run, by name."""
    return {
        name: card for name, card in detector_cards().items() if card.trained_by in (run.config.id, run.name)
    }


def predictions(run: Run, evaluation: str) -> Predictions:
    """The faces of one of a run's evaluations. Raises `RecordError`, also when they are not there."""
    counted = run.evaluations[evaluation]
    stamp = file_stamp(run.folder / file_name(PREDICTIONS_FILE, evaluation))
    return _predictions(run.folder, counted.labels.names, counted.two_steps, evaluation, stamp)


def detections(run: Run) -> tuple[Detections, str]:
    """Every face and false detection of a detector's test, and the stamp of their file.

    Raises `RecordError`, also when they are not there.
    """
    stamp = file_stamp(run.folder / DETECTIONS_FILE)
    return _detections(run.folder, stamp), stamp


@st.cache_resource(show_spinner=False, ttl=60)  # as of models: one that was just trained shows up
def detector_cards() -> dict[str, DetectorCard]:
    """Detectors of ours that are installed here, by name; without those whose cards cannot be read."""
    found = {}
    for name, folder in installed.folders(DETECTOR_CARD_FILE).items():
        with suppress(RecordError):  # the pages that would use it say what is wrong with it
            found[name] = read_detector_card(folder)
    return found


def cross_sources() -> dict[str, CrossSource | RecordError]:
    """Every cross-source table on this machine by name, or what is wrong with it."""
    found: dict[str, CrossSource | RecordError] = {}
    for name, folder in catalog.cross_source_folders().items():
        try:
            require_displayable_name(folder)
            found[name] = _cross_source(folder, file_stamp(folder / CROSS_SOURCE_FILE))
        except RecordError as problem:
            found[name] = problem
    return found


# The last parameter is not read: it makes what changed on disk another entry.


@st.cache_resource(show_spinner=False, max_entries=500)
def _run(name: str, folder: Path, stamp: str) -> Run:
    return catalog.read_run(name, folder)


@st.cache_resource(show_spinner=False, max_entries=60)
def _predictions(
    folder: Path, labels: tuple[str, ...], two_steps: bool, evaluation: str, stamp: str
) -> Predictions:
    return read_predictions(folder, labels, evaluation, two_steps=two_steps)


@st.cache_resource(show_spinner=False, max_entries=20)
def _detections(folder: Path, stamp: str) -> Detections:
    return read_detections(folder)


@st.cache_resource(show_spinner=False, max_entries=20)
def _cross_source(folder: Path, stamp: str) -> CrossSource:
    return read_cross_source(folder)
