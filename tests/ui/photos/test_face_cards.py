import base64
import io
import re

from PIL import Image

from core.decision import OperatingPoint
from core.labels import MASK_3, LabelSet
from core.mask_rendering import how_to_wear
from core.results import CannotTell, Detection, FaceResult, Prediction, Result
from ui.photos.answers import summary
from ui.photos.face_cards import show_face_cards

FACE = Detection((0, 0, 9, 9), 0.9, "d")


def test_a_card_has_icon_word_sentence_and_every_probability():
    html = show_face_cards([FaceResult(FACE, Prediction(MASK_3, (0.07, 0.9, 0.03)))], [b"jpeg"], first=4)
    for part in (
        "4.",
        "Worn incorrectly",
        "!",
        "nose or mouth is uncovered",
        "7%",
        "90%",
        "3%",
        "Mask on",
        'alt="Face 4"',
    ):
        assert part in html


def test_a_card_says_between_which_ways_it_is_not_clear():
    told = FaceResult(FACE, Prediction(MASK_3, (0.01, 0.51, 0.48), OperatingPoint(0.4)))
    html = show_face_cards([told], [b"jpeg"])
    assert "Not worn properly: worn incorrectly or no mask." in html and "Cannot tell" not in html
    assert summary(Result(9, 9, (told,), "mask3", "d")) == "1 face: not worn properly."


def test_cannot_tell_shows_reason_and_advice():
    told = FaceResult(FACE, Prediction(MASK_3, (0.4, 0.3, 0.3)), CannotTell("too_small", "Come closer."))
    html = show_face_cards([told], [b"jpeg"])
    assert "Cannot tell" in html and "too small" in html and "Come closer." in html


def test_labels_of_an_untrusted_model_cannot_write_html():
    labels = LabelSet("x", ("<script>alert(1)</script>", "b"))
    html = show_face_cards([FaceResult(FACE, Prediction(labels, (0.9, 0.1)))], [b"jpeg"])
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_a_mask_worn_wrongly_shows_the_picture_of_what_to_do():
    subtypes = {"nose_out": 0.9, "under_chin": 0.1}
    wrong = FaceResult(FACE, Prediction(MASK_3, (0.02, 0.95, 0.03), subtypes=subtypes))
    html = show_face_cards([wrong], [b"jpeg"])
    assert "The nose is out." in html and "<details>" in html
    source = re.search(r'<details>.*?base64,([^"]+)"', html, re.DOTALL)[1]
    shown = Image.open(io.BytesIO(base64.b64decode(source)))
    assert shown.size == (how_to_wear("nose_out").width, how_to_wear("nose_out").height)
    others = (
        FaceResult(FACE, Prediction(MASK_3, (0.98, 0.01, 0.01), subtypes=subtypes)),
        FaceResult(FACE, Prediction(MASK_3, (0.02, 0.95, 0.03))),
        FaceResult(FACE, wrong.prediction, CannotTell("too_small", "Come closer.")),
    )
    assert "<details>" not in show_face_cards(others, [b"jpeg"] * 3)
