import numpy as np
import pytest

from bench import face_free
from bench.face_free_patterns import PATTERNS
from bench.face_free_things import THINGS
from bench.rivals import Rival
from core.results import Detection, Frame


def test_there_are_100_pictures_of_many_kinds_each_another(monkeypatch):
    monkeypatch.setattr(face_free, "_SIZES", ((200, 280), (210, 300)))  # soon drawn
    found = dict(face_free.pictures())
    assert len(found) == 100
    assert len({name.partition(" ")[0] for name in found}) == 63
    assert all(name in face_free.__doc__ for name in list(found)[:26])
    assert len({frame.rgb.tobytes() for frame in found.values()}) == 100
    assert min(frame.rgb.std() for frame in found.values()) > 3  # no empty ones


@pytest.mark.parametrize("draw", [*PATTERNS, *THINGS], ids=lambda draw: draw.__name__)
def test_a_drawing_follows_from_its_generator(draw):
    first, again, another = (draw(200, 280, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.shape == (200, 280, 3)
    assert (first == again).all() and (first != another).any()


def test_false_faces_are_counted_by_picture(monkeypatch, capsys):
    frames = [
        ("dark", Frame(np.zeros((8, 8, 3), np.uint8))),
        ("light", Frame(np.full((8, 8, 3), 9, np.uint8))),
    ]
    monkeypatch.setattr(face_free, "pictures", lambda: iter(frames))

    def find(frame, min_score):
        seen = [Detection((0, 0, 4, 4), score, "made") for score in (0.4, 0.6, 0.8)]
        return tuple(d for d in seen if d.score >= min_score) if frame.rgb.any() else ()

    asked = [Rival("made", "photo", 0.5, find), Rival("made", "strict", 0.9, find)]
    monkeypatch.setattr(face_free, "rivals", lambda *_, **__: asked)
    assert face_free.main([]) == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert rows == [
        "| made, photo | 0.50 | 2 | 1 | light: 2 |",
        "| made, strict | 0.90 | 0 | 0 | none |",
    ]
