"""Where the faces are: several detectors behind one protocol, tiled inference and nms."""

from core.detection import face_fpn, registry
from core.detection.consensus import best_scores
from core.detection.face_fpn import BOX, GROUND, POINTS, SCORE, STRIDES, FaceFpnDetector, Network, cells, find
from core.detection.landmarks import LANDMARKS, LandmarkFinder, load_landmarks
from core.detection.registry import DETECTOR_NAMES, FaceDetector, Offer, load_detector, offers
from core.detection.tiling import Plan, fit_inside, nms_faces, passes, tiled_inference
from core.detection.yunet import YuNetDetector, find_yunet

__all__ = [
    "BOX",
    "DETECTOR_NAMES",
    "GROUND",
    "LANDMARKS",
    "POINTS",
    "SCORE",
    "STRIDES",
    "FaceDetector",
    "FaceFpnDetector",
    "LandmarkFinder",
    "Network",
    "Offer",
    "Plan",
    "YuNetDetector",
    "best_scores",
    "cells",
    "face_fpn",
    "find",
    "find_yunet",
    "fit_inside",
    "load_detector",
    "load_landmarks",
    "nms_faces",
    "offers",
    "passes",
    "registry",
    "tiled_inference",
]
