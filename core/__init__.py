"""Maskwise without a screen: from a picture to an answer for each face.

from pathlib import Path
from core.detectors import load_detector
from core.images import read_image
from core.models import load_classifier
from core.pipeline import Pipeline

pipeline = Pipeline(load_detector(), load_classifier())
result = pipeline.check(read_image(Path("photo.jpg")))
"""
