"""What is loaded once and shared by all visitors. Nothing here ever holds a visitor's picture."""

from __future__ import annotations

import gc

import numpy as np
import streamlit as st

from core import settings
from core.classification import Classifier, load_classifier
from core.decision import OperatingPoint
from core.detection import FaceDetector, FaceFpnDetector, LandmarkFinder, Offer, load_landmarks
from core.detection import registry as detectors
from core.errors import RecordError
from core.labels import names_gender
from core.models import ModelCard, default_model, installed, read_operating_point, why_not_offered
from core.pipeline import Pipeline
from core.results import Frame
from core.video import FINE_PASS_SIDE
from ui.server import keep_keras_session


@st.cache_resource(show_spinner="Loading the model…")
def classifier(name: str) -> Classifier:
    """A model by name, warmed up. Raises `ModelError` or `RecordError`."""
    loaded = load_classifier(name)
    if loaded.engine.name == "keras":
        keep_keras_session()
    _set_apart()
    return loaded


@st.cache_resource(show_spinner="Loading the face detector…")
def detector(name: str) -> FaceDetector:
    """A detector by name, warmed up; fetched where it is not ours to ship. Raises `DetectorError`."""
    loaded = detectors.load_detector(name)
    if isinstance(loaded, FaceFpnDetector) and loaded.engine.name == "keras":
        keep_keras_session()
    loaded.detect(Frame(np.zeros((480, 640, 3), np.uint8)), longest_side=FINE_PASS_SIDE)
    _set_apart()
    return loaded


@st.cache_resource(show_spinner=False)
def landmarks() -> LandmarkFinder | None:
    """What finds the points of a face, where it is installed. Raises `DetectorError`."""
    loaded = load_landmarks()
    if loaded and loaded.engine.name == "keras":
        keep_keras_session()
    return loaded


def _set_apart() -> None:
    """Keep what lives as long as the server out of every later garbage collection."""
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner=False, ttl=60)  # one that was fetched, or trained, is at hand from then on
def detector_offers() -> tuple[Offer, ...]:
    """Every detector, those at hand first, and why one is not offered. Loads none and fetches nothing."""
    return detectors.offers()


@st.cache_resource(show_spinner=False, ttl=60)  # a newly trained model shows up within a minute
def installed_models() -> dict[str, ModelCard | RecordError]:
    return installed.installed_models()


def usable_models() -> dict[str, ModelCard]:
    """Those installed whose cards can be read, the default one first."""
    return {name: card for name, card in installed_models().items() if isinstance(card, ModelCard)}


def offered_models() -> dict[str, ModelCard]:
    """Those of `usable_models` that may answer here: see `MASKWISE_WEIGHTS`."""
    return {name: card for name, card in usable_models().items() if why_not_offered(name, card) is None}


def models_for_visitors() -> dict[str, ModelCard]:
    """Those of `offered_models` for photos and video, the default first: see `MASKWISE_MODELS_OFFERED`."""
    named = settings.MODELS_OFFERED.get()
    found = {
        name: card
        for name, card in offered_models().items()
        if (name in named if named is not None else not names_gender(card.label_set))
    }
    first = default_model()
    return {name: found[name] for name in sorted(found, key=lambda name: name != first)}


def operating_point(name: str, card: ModelCard) -> OperatingPoint:
    """The user's for a model by name, else the card's. Read anew each time, as the dashboard may change it.

    Raises `RecordError` for one that cannot be used.
    """
    return read_operating_point(installed.folders()[name], card)


def pipeline(model_name: str, detector_name: str) -> Pipeline:
    return Pipeline(detector(detector_name), classifier(model_name), landmarks())
