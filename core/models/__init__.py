"""Models as installed: card, weights, operating point, and the engine that runs them."""

from core.models import installed
from core.models.card import (
    CARD_FILE,
    LabelScore,
    ModelCard,
    QualityThresholds,
    Threshold,
    read_card,
    write_card,
)
from core.models.detector_card import (
    DETECTOR_CARD_FILE,
    WAYS,
    DetectionScore,
    DetectorCard,
    Way,
    read_detector_card,
    write_detector_card,
)
from core.models.engines import Engine, EngineName, KerasEngine, OnnxEngine, load_engine
from core.models.installed import DEFAULT, SHIPPED, folders, installed_models, log
from core.models.keras_config import MAX_CONFIG_BYTES, NETWORKS, check_config, dictionaries
from core.models.keras_file import (
    MAX_FILE_BYTES,
    check_weights,
    counted,
    load_counted,
    load_keras,
    read_keras,
)
from core.models.onnx_runtime import session
from core.models.operating_points import (
    OPERATING_POINT_FILE,
    of_card,
    read_operating_point,
    save_operating_point,
    take_back_operating_point,
)
from core.models.weights import Weights, read_weights, sha256_of

__all__ = [
    "CARD_FILE",
    "DEFAULT",
    "DETECTOR_CARD_FILE",
    "DetectionScore",
    "DetectorCard",
    "Engine",
    "EngineName",
    "KerasEngine",
    "LabelScore",
    "MAX_CONFIG_BYTES",
    "MAX_FILE_BYTES",
    "ModelCard",
    "NETWORKS",
    "OPERATING_POINT_FILE",
    "OnnxEngine",
    "QualityThresholds",
    "SHIPPED",
    "Threshold",
    "WAYS",
    "Way",
    "Weights",
    "check_config",
    "check_weights",
    "counted",
    "dictionaries",
    "folders",
    "installed",
    "installed_models",
    "load_counted",
    "load_engine",
    "load_keras",
    "log",
    "of_card",
    "read_card",
    "read_detector_card",
    "read_keras",
    "read_operating_point",
    "read_weights",
    "save_operating_point",
    "session",
    "sha256_of",
    "take_back_operating_point",
    "write_card",
    "write_detector_card",
]
