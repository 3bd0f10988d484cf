"""Films of which the truth is known, and how what is said of them is scored."""

import io
from pathlib import Path

import av
import numpy as np
import pytest

from bench import film_accuracy
from bench.film_accuracy import FilmScore, matched
from bench.film_people import drawn_pairs, drawn_people
from bench.film_scenes import FaceTile, MadeFilm, Shot, Still, films_of, wall
from bench.film_speed import looped
from core.decision import OperatingPoint
from core.labels import MASK_3
from core.results import Detection, FaceResult, Prediction
from tests.films import pictures_of, times_of

SMALL = (160, 90)
RED, GREY = (220, 30, 30), (90, 90, 90)


def still(*labels):
    """Red faces of 40 pixels beside each other on grey."""
    rgb = np.full((180, 320, 3), GREY, np.uint8)
    boxes = [(40.0 + 100 * i, 60.0, 80.0 + 100 * i, 100.0) for i in range(len(labels))]
    for x1, y1, x2, y2 in boxes:
        rgb[int(y1) : int(y2), int(x1) : int(x2)] = RED
    return Still(rgb, tuple(boxes), labels)


WHOLE = (0.5, 0.5, 1.0)
NEAR = (0.25, 0.5, 0.5)


def said(face, label=None, track_id=1):
    probabilities = tuple(0.98 if name == (label or face.label) else 0.01 for name in MASK_3)
    return FaceResult(
        Detection(face.box, 0.9, "test"),
        Prediction(MASK_3, probabilities, OperatingPoint(0.1)),
        None,
        track_id,
    )


def test_faces_are_where_the_truth_says():
    film = MadeFilm("zoom", (Shot(still("with_mask", "without_mask"), 1.0, WHOLE, NEAR),), 4, SMALL)
    pictures = pictures_of(io.BytesIO(film.written()))
    assert len(pictures) == 4
    for t, picture in zip(film.times(), pictures, strict=True):
        first = film.truth(t)[0]
        x, y = (round((first.box[i] + first.box[i + 2]) / 2) for i in (0, 1))
        assert picture[y, x, 0] > 180 > 120 > picture[y, x, 1]
        beside = round(first.box[0] - 0.3 * (first.box[2] - first.box[0]))
        assert beside < 0 or picture[y, beside, 0] < 120
    assert [[f.counts for f in film.truth(t)] for t in (0.5, 1.0)] == [[True, True], [True, False]]


def test_who_is_small_hidden_or_outside_does_not_count():
    one = still("with_mask")
    assert not MadeFilm("small", (Shot(one, 1.0, WHOLE, WHOLE),), 4, SMALL).truth(0)[0].counts
    assert MadeFilm("near", (Shot(one, 1.0, NEAR, NEAR),), 4, SMALL).truth(0)[0].counts
    behind = MadeFilm("pillar", (Shot(one, 1.0, NEAR, NEAR, pillar=True),), 4, SMALL)
    assert {behind.truth(t / 20)[0].counts for t in range(20)} == {True, False}


def test_takes_and_masks_change_when_they_are_said_to():
    before, after = still("with_mask"), still("without_mask")
    film = MadeFilm(
        "two", (Shot(before, 1.0, NEAR, NEAR, after, 0.5), Shot(after, 1.0, NEAR, NEAR)), 10, SMALL
    )
    assert [(f.who, f.label) for t in (0.4, 0.5, 1.0) for f in film.truth(t)] == [
        ((0, 0), "with_mask"),
        ((0, 0), "without_mask"),
        ((1, 0), "without_mask"),
    ]


def test_all_kinds_of_films_are_made_at_their_pace():
    films = list(films_of(drawn_people(), drawn_pairs()))
    assert [film.rate for film in films] == [24, 25, 30_000 / 1001, 60, None, 30]
    gaps = np.diff(films[4].times())
    assert gaps.max() > 5 * gaps.min()
    short = MadeFilm("short", films[4].shots, None, SMALL)
    assert len({label for shot in films[5].shots for label in shot.still.labels}) == 3
    assert np.allclose(times_of(io.BytesIO(short.written())), short.times(), atol=0.001)


def test_people_are_scored_by_the_second():
    film = MadeFilm("one", (Shot(still("with_mask"), 2.0, NEAR, NEAR),), 10, SMALL)
    right = [(t, [said(face) for face in film.truth(t)]) for t in (0.0, 0.5)]
    wrong = [(t, [said(face, "without_mask") for face in film.truth(t)]) for t in (1.1, 1.5)]
    score = film_accuracy._score(film, right + wrong, lambda face, t: face.answer)
    assert (score.people, score.changes) == (1, 1)
    assert (score.there, score.found, score.told) == pytest.approx((2.0, 2.0, 2.0))
    assert score.right == pytest.approx(0.9) and score.by_label["with_mask"] == pytest.approx([2.0, 0.9])
    total = FilmScore()
    total.add(score)
    total.add(score)
    assert total.right == pytest.approx(1.8) and total.people == 2


def test_each_face_is_somebody_else():
    film = MadeFilm("two", (Shot(still("with_mask", "without_mask"), 1.0, WHOLE, WHOLE),), 4, (320, 180))
    first, second = film.truth(0)
    assert {
        who: face.track_id for who, face in matched([first, second], [said(second, None, 7)]).items()
    } == {second.who: 7}
    assert matched([first], []) == {} == matched([], [said(first)])


def test_a_film_is_looped_without_coding_it_anew(tmp_path: Path):
    film = MadeFilm("one", (Shot(still("with_mask"), 1.0, NEAR, NEAR),), 10, SMALL)
    looped(film.written(), tmp_path / "long.mp4", 7.0)
    times = times_of(tmp_path / "long.mp4")
    assert len(times) == 70 and np.allclose(np.diff(times), 0.1, atol=0.001)
    with av.open(str(tmp_path / "long.mp4")) as container:
        assert container.streams.video[0].codec_context.name == "h264"


def test_portraits_stand_apart():
    portrait = FaceTile(np.full((60, 60, 3), 200, np.uint8), "with_mask", (0.25, 0.25, 0.75, 0.75))
    made = wall([portrait] * 5, 0)
    assert len(made.boxes) == 5 and made.labels == ("with_mask",) * 5
    for x1, y1, x2, y2 in made.boxes:
        assert (made.rgb[round(y1) : round(y2), round(x1) : round(x2)] == 200).all()
