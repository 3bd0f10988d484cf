"""What `import core` gives a script: light, complete, and as its docstring says."""

from __future__ import annotations

import doctest
import subprocess
import sys
import tomllib

import pytest

import core
from core import errors
from core.models import DEFAULT
from core.pipeline import Pipeline
from tests.conftest import ROOT


def test_the_names_are_those_that_are_promised():
    """Scripts of others import them: one that goes or changes its meaning is a line in the changelog."""
    assert core.__all__ == [
        "CannotTell",
        "Classifier",
        "Detection",
        "DetectorError",
        "FaceDetector",
        "FaceResult",
        "Frame",
        "ImageError",
        "MaskwiseError",
        "ModelError",
        "OperatingPoint",
        "Pipeline",
        "Prediction",
        "RecordError",
        "Result",
        "SettingsError",
        "annotate",
        "blur_faces",
        "fetch_image",
        "installed_models",
        "load_classifier",
        "load_detector",
        "load_pipeline",
        "read_image",
    ]


@pytest.mark.parametrize("name", core.__all__)
def test_each_is_there_and_says_what_it_is(name):
    assert (getattr(core, name).__doc__ or "").strip()
    assert name in dir(core)


def test_what_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        core.nothing_of_the_kind  # noqa: B018 - the access is the test


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert core.__version__ == project["version"]


def test_it_is_typed_for_others():
    assert (ROOT / "core/py.typed").is_file()


def test_the_example_runs():
    result = doctest.testmod(core)
    assert result.attempted > 5 and result.failed == 0


def test_importing_it_loads_nothing_heavy_and_ends_the_telemetry_of_onnx_runtime():
    script = (
        "import os, sys; os.environ['ORT_DISABLE_TELEMETRY'] = '0'; import core; "
        "print(sorted(name for name in sys.modules if name.startswith('core.')), "
        "{'numpy', 'cv2', 'PIL', 'pydantic', 'onnxruntime', 'keras', 'tensorflow', 'streamlit'} "
        "& set(sys.modules), os.environ['ORT_DISABLE_TELEMETRY'])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[] set() 1", done.stderr


def test_a_pipeline_has_the_defaults_of_the_command_line():
    pipeline = core.load_pipeline()
    assert isinstance(pipeline, Pipeline)
    assert pipeline.classifier.card.name == DEFAULT and pipeline.detector.name == "face_fpn"
    assert core.load_pipeline("mask3", "haar").detector.name == "haar"


@pytest.mark.parametrize(
    ("arguments", "error"), [(("nothing",), errors.ModelError), ((DEFAULT, "nothing"), errors.DetectorError)]
)
def test_a_name_that_is_not_known_is_an_error_of_ours(arguments, error):
    with pytest.raises(error, match="nothing"):
        core.load_pipeline(*arguments)
