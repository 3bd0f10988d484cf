"""The fixtures of a live session."""

from tests.camera_scene import frame as frame
from tests.camera_scene import scene as scene
from tests.camera_scene import viewer as viewer
