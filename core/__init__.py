"""Maskwise without a screen: from a picture to an answer for each face.

from pathlib import Path
from core.detection.registry import load_detector
from core.images.decode import read_image
from core.classification.classifier import load_classifier
from core.pipeline import Pipeline

pipeline = Pipeline(load_detector(), load_classifier())
result = pipeline.check(read_image(Path("photo.jpg")))
"""

import os

# From its import on, ONNX Runtime reports to its maker: a lasting device id and a database of events in the
# user's cache, and a connection. Ended here, since whatever imports it (tf2onnx does too) imports core first,
# and whatever the variable said before: nothing leaves this machine.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
