"""What the photo page keeps of a visitor's pictures, and what it does not compute twice."""

import io

import numpy as np
import pytest
from PIL import Image

from core.classification.classifier import face_probabilities
from core.decision import OperatingPoint
from core.errors import NoRoomError
from core.images.decode import read_image
from core.images.encode import to_jpeg
from core.labels import MASK_3, NOT_A_FACE, ClassSet
from core.models.installed import installed_models
from core.photos.album import PREVIEW_SIDE, TILE_SIDE, Album, Photo, counts
from core.pipeline import Pipeline
from core.results import Detection
from tests.toy_card import toy_card

BOX = (400.0, 300.0, 800.0, 900.0)


class Detector:
    """Finds one face, and counts how often it is asked."""

    operating_point = live_operating_point = 0.5

    def __init__(self, name="d"):
        self.name, self.calls = name, 0

    def detect(self, frame, min_score=None, *, longest_side=None):
        self.calls += 1
        return (Detection(BOX, 0.9, self.name),)


class Model:
    """Says the same of every face, and counts the calls."""

    operating_point = OperatingPoint(0.1)

    def __init__(self, name="m"):
        quality = installed_models()["mask3"].quality
        self.card = toy_card(name=name, crop_scale=1.5, quality=quality)
        self.calls = 0

    def predict(self, crops):
        self.calls += 1
        return face_probabilities(np.tile((0.7, 0.2, 0.1), (len(crops), 1)), self.card.class_set)


def made_of(detector="d", model="m"):
    return Pipeline(Detector(detector), Model(model))


class FakeBudget:
    """Bytes by key, without a bound until it `is_full`."""

    def __init__(self):
        self.held, self.is_full = {}, False

    def hold(self, key, size):
        if self.is_full:
            raise NoRoomError("Full.")
        self.count(key, size)

    def count(self, key, size):
        self.held[key] = size

    def drop(self, key):
        self.held.pop(key, None)


@pytest.fixture
def budget():
    return FakeBudget()


@pytest.fixture
def photo():
    rgb = np.random.default_rng(0).integers(0, 255, (1200, 2000, 3), dtype=np.uint8)
    return Photo("a.jpg", to_jpeg(rgb))


def test_a_photo_is_checked_once(photo):
    pipeline = made_of()
    assert not photo.is_checked(pipeline)
    photo.check(pipeline)
    assert photo.is_checked(pipeline)
    result = photo.result(pipeline, OperatingPoint(0.1))
    assert (result.width, result.height, len(result.faces)) == (2000, 1200, 1)
    assert (result.detector, result.model) == ("d", "m")
    assert set(result.ms) == {"decode", "detect", "classify"}


def test_an_album_answers_as_the_pipeline_alone_does(photo):
    pipeline = made_of()
    photo.check(pipeline)
    alone = pipeline.check(read_image(photo.data), point=OperatingPoint(0.1))
    kept = photo.result(pipeline, OperatingPoint(0.1))
    assert kept.faces == alone.faces and kept.faces[0].cannot_tell is None
    assert (kept.width, kept.height) == (alone.width, alone.height)


def test_another_model_does_not_detect_again_and_another_margin_does_nothing_again(photo):
    first, second = made_of(model="m"), made_of(model="other")
    photo.check(first)
    photo.check(second)
    assert (first.detector.calls, first.classifier.calls) == (1, 1)
    assert (second.detector.calls, second.classifier.calls) == (0, 1)
    assert photo.result(first, OperatingPoint(0.1)).faces[0].answer == "with_mask"
    assert photo.result(first, OperatingPoint(0.9)).faces[0].answer == "cannot_tell"
    assert (first.detector.calls, first.classifier.calls) == (1, 1)


def test_another_detector_detects_anew(photo):
    photo.check(made_of(detector="d"))
    other = made_of(detector="e")
    assert not photo.is_checked(other)
    photo.check(other)
    assert other.detector.calls == 1


def test_a_broken_photo_keeps_its_error_and_is_done():
    photo = Photo("broken.jpg", b"no picture")
    photo.check(made_of())
    assert photo.is_checked(made_of()) and photo.error.startswith("broken.jpg")


def test_a_fault_of_ours_costs_one_picture_and_is_logged(photo, caplog):
    pipeline = made_of()
    pipeline.classifier.predict = lambda _: 1 / 0
    photo.check(pipeline)
    assert photo.is_checked(pipeline) and "ZeroDivisionError" in photo.error and photo.name in photo.error
    assert "Traceback" in caplog.text and photo.name not in caplog.text


def test_what_is_kept_is_small(photo):
    photo.check(made_of())
    tile = read_image(photo.tile)
    assert max(tile.width, tile.height) == TILE_SIDE and not photo.pictures
    thumb = read_image(next(iter(photo.cut_out.values())))
    assert max(thumb.width, thumb.height) <= 160


def test_a_preview_is_drawn_once_for_the_same_answer(photo):
    pipeline = made_of()
    photo.check(pipeline)
    drawn = photo.drawn_preview(photo.result(pipeline, OperatingPoint(0.1)), boxes=True)
    assert photo.drawn_preview(photo.result(pipeline, OperatingPoint(0.2)), boxes=True) is drawn
    assert photo.drawn_preview(photo.result(pipeline, OperatingPoint(0.9)), boxes=True) != drawn
    assert photo.drawn_preview(photo.result(pipeline, OperatingPoint(0.1)), boxes=False) == photo.picture()


def test_of_an_albums_large_pictures_only_the_last_ones_stay(budget, photo):
    album = Album(budget)
    for key in ("1", "2"):
        album.put(key, photo.name, photo.data)
    one, two = album
    whole = read_image(album.picture(one, None))
    assert (whole.width, whole.height) == (2000, 1200)
    large = read_image(album.picture(one))
    assert max(large.width, large.height) == PREVIEW_SIDE and len(one.pictures) == 2
    assert budget.held["1"] == one.held > len(photo.data)
    album.picture(two)
    assert not one.pictures and budget.held == {"1": len(photo.data), "2": two.held}


def test_a_small_download_has_its_boxes_where_the_faces_are(photo):
    pipeline = made_of()
    photo.check(pipeline)
    result = photo.result(pipeline, OperatingPoint(0.1))
    drawn, bare = (
        read_image(photo.drawn_picture(result, boxes=boxes, blurred=False, max_side=500)).rgb.astype(int)
        for boxes in (True, False)
    )
    assert drawn.shape == (300, 500, 3)
    changed = abs(drawn - bare).max(axis=2) > 60
    middle = changed[150]  # of the face, whose box reaches from 100 to 200
    assert middle[98:103].any() and middle[197:203].any() and not middle[110:190].any()


class Row(Detector):
    """Finds three faces, the surest in the middle."""

    def detect(self, frame, min_score=None, *, longest_side=None):
        places = ((900, 0.9), (100, 0.8), (1500, 0.7))
        return tuple(Detection((x, 300.0, x + 200.0, 500.0), score, self.name) for x, score in places)


def test_faces_are_numbered_from_left_to_right(photo):
    pipeline = Pipeline(Row(), Model())
    photo.check(pipeline)
    result = photo.result(pipeline, OperatingPoint(0.1))
    assert [face.detection.box[0] for face in result.faces] == [100, 900, 1500]
    assert photo.thumbs(result) == tuple(
        photo.cut_out[face] for face in sorted(photo.cut_out, key=lambda f: f.box)
    )


def test_an_animation_says_that_only_its_first_picture_is_checked():
    frames = [Image.fromarray(np.full((40, 40, 3), value, np.uint8)) for value in (0, 90, 180)]
    for kind, options in (("GIF", {}), ("WEBP", {}), ("PNG", {})):
        file = io.BytesIO()
        frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=100, **options)
        photo = Photo("a", file.getvalue())
        photo.check(made_of())
        assert photo.note == "Animated: only the first of its 3 pictures is checked here.", kind
        still = io.BytesIO()
        frames[0].save(still, kind)
        photo = Photo("a", still.getvalue())
        photo.check(made_of())
        assert photo.note == "", kind


def test_a_download_has_every_pixel_and_blurs_faces_on_request(photo):
    pipeline = made_of()
    photo.check(pipeline)
    result = photo.result(pipeline, OperatingPoint(0.1))
    plain, blurred = (
        read_image(photo.drawn_picture(result, boxes=False, blurred=blurred)).rgb for blurred in (False, True)
    )
    assert plain.shape == (1200, 2000, 3)
    x1, y1, x2, y2 = map(int, BOX)
    inner = np.s_[y1 + 150 : y2 - 150, x1 + 100 : x2 - 100]
    assert blurred[inner].std() < 0.3 * plain[inner].std()
    np.testing.assert_allclose(blurred[:200, :300].mean(), plain[:200, :300].mean(), rtol=0.02)


def test_albums_add_replace_and_remove(budget):
    album = Album(budget)
    album.put("1", "a.jpg", b"a")
    album.put("2", "b.jpg", b"b")
    album.put("1", "again.jpg", b"c")
    assert [photo.name for photo in album] == ["again.jpg", "b.jpg"]
    album.remove(["2", "never there"])
    assert len(album) == 1 and "1" in album and "2" not in album
    album.clear()
    assert len(album) == 0


def test_what_an_album_takes_is_counted_until_it_is_given_up(budget, photo):
    album = Album(budget)
    album.put("1", photo.name, photo.data)
    assert budget.held == {"1": len(photo.data)}
    (kept,) = album
    album.check(kept, made_of())
    assert budget.held == {"1": kept.held} and kept.held > len(photo.data)
    album.remove(["1", "never there"])
    assert budget.held == {}


def test_a_picture_for_which_there_is_no_room_says_so_and_leaves_the_others_as_they_are(budget):
    album = Album(budget)
    album.put("1", "a.jpg", b"a")
    budget.is_full = True
    album.put("2", "b.jpg", b"b")
    album.put("1", "again.jpg", b"c")
    first, second, third = album
    assert (first.name, first.data, first.error) == ("a.jpg", b"a", None)
    assert second.error == "b.jpg: was not taken. Full." and second.data == b""
    assert third.error == "again.jpg: was not taken. Full."
    assert budget.held == {"1": 1}


def test_an_album_takes_so_many_photos_and_no_more_however_small(budget, monkeypatch):
    monkeypatch.setattr("core.photos.album.MOST_PHOTOS", 2)
    album = Album(budget)
    assert album.offer("1", "a.jpg", b"a") and not album.is_full
    album.refuse("2", "b.jpg", "b.jpg: is empty.")
    assert album.is_full and not album.offer("3", "c.jpg", b"")
    album.refuse("4", "d.jpg", "d.jpg: is empty.")
    album.put("5", "e.jpg", b"e")
    album.put("1", "again.jpg", b"c")
    assert [photo.name for photo in album] == ["again.jpg", "b.jpg"] and set(budget.held) == {"1"}


def test_counts_add_up_over_pictures(photo):
    pipeline = made_of()
    photo.check(pipeline)
    results = [photo.result(pipeline, OperatingPoint(margin)) for margin in (0.1, 0.9, 0.1)]
    assert counts(results) == {"with_mask": 2, "cannot_tell": 1}


class TwoPlaces(Detector):
    def detect(self, frame, min_score=None, *, longest_side=None):
        return (Detection((0.0, 0.0, 100.0, 100.0), 0.95, self.name), *super().detect(frame))


class NoFaceFirst(Model):
    """Takes the first of two for no face."""

    def __init__(self):
        super().__init__()
        self.card.class_set = ClassSet(MASK_3, (*MASK_3.labels, NOT_A_FACE))

    def predict(self, crops):
        return face_probabilities(np.array([[0.1, 0.1, 0.1, 0.7], [0.6, 0.1, 0.1, 0.2]]), self.card.class_set)


def test_each_face_has_its_own_thumb_where_one_was_left_out(photo):
    pipeline = Pipeline(TwoPlaces(), NoFaceFirst())
    photo.check(pipeline)
    result = photo.result(pipeline, OperatingPoint(0.1))
    assert result.dropped == 1 and [face.detection.box for face in result.faces] == [BOX]
    (thumb,) = photo.thumbs(result)
    left_out, shown = photo.detected["d"].detections
    assert thumb == photo.cut_out[shown] != photo.cut_out[left_out]
