from .classification import Classifier as Classifier
from .classification import load_classifier as load_classifier
from .decision import OperatingPoint as OperatingPoint
from .detection import FaceDetector as FaceDetector
from .detection import load_detector as load_detector
from .drawing import annotate as annotate
from .drawing import blur_faces as blur_faces
from .errors import DetectorError as DetectorError
from .errors import ImageError as ImageError
from .errors import MaskwiseError as MaskwiseError
from .errors import ModelError as ModelError
from .errors import RecordError as RecordError
from .errors import SettingsError as SettingsError
from .images import fetch_image as fetch_image
from .images import read_image as read_image
from .models import installed_models as installed_models
from .pipeline import Pipeline as Pipeline
from .pipeline import load_pipeline as load_pipeline
from .results import CannotTell as CannotTell
from .results import Detection as Detection
from .results import FaceResult as FaceResult
from .results import Frame as Frame
from .results import Prediction as Prediction
from .results import Result as Result

__version__: str
