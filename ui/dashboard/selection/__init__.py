"""Which run, model, folder and face the views show."""

from ui.dashboard.selection import address, choose, picker, picture_folder, records
from ui.dashboard.selection.choose import AGAIN, Tested
from ui.dashboard.selection.picked_face import PickedFace, pick, picked
from ui.dashboard.selection.state import draw_live, say_state, state_of

__all__ = [
    "AGAIN",
    "PickedFace",
    "Tested",
    "address",
    "choose",
    "draw_live",
    "pick",
    "picked",
    "picker",
    "picture_folder",
    "records",
    "say_state",
    "state_of",
]
