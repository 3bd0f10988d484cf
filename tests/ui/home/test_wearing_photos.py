"""The photos of the home page show each way to wear a mask, named and described."""

import base64
import re

import cv2
import numpy as np

from core.labels import appearance
from ui.home.wearing_photos import photos_of_wearings


def test_every_photo_is_another_with_its_answer_and_alternative_text():
    page = photos_of_wearings()
    found = re.findall(r'alt="([^"]+)" src="data:image/jpeg;base64,([^"]+)"', page)
    assert len(found) == 5
    assert len({alt for alt, _ in found}) == len({source for _, source in found}) == len(found)
    for alt, source in found:
        picture = cv2.imdecode(np.frombuffer(base64.b64decode(source), np.uint8), cv2.IMREAD_COLOR)
        assert picture.shape == (240, 240, 3) and "mask" in alt
    words = re.findall("|".join((appearance("with_mask").short, appearance("incorrect_mask").short)), page)
    assert words == ["Mask on", *["Worn incorrectly"] * 4]
