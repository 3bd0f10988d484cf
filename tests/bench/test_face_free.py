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
    dark = np.zeros((8, 8, 3), np.uint8)
    frames = [("dark", Frame(dark)), ("dim", Frame(dark + 9)), ("light", Frame(dark + 90))]
    monkeypatch.setattr(face_free, "pictures", lambda: iter(frames))
    found = {0: (), 9: (0.1, 0.3), 90: (0.4, 0.6, 0.8)}

    def find(frame, min_score):
        seen = [Detection((0, 0, 4, 4), score, "made") for score in found[int(frame.rgb[0, 0, 0])]]
        return tuple(d for d in seen if d.score >= min_score)

    asked = [Rival("made", "photo", 0.3, find), Rival("made", "strict", 0.9, find)]
    blind = Rival("made", "blind", 0.3, lambda *_: ())
    monkeypatch.setattr(face_free, "rivals", lambda *_, **__: [*asked, blind])
    assert face_free.main([]) == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert rows == [
        "| made, photo | 0.30 | 4 | 2 | above 0.300 | dim: 1, light: 3 |",
        "| made, strict | 0.90 | 0 | 0 | above 0.300 | none |",
        "| made, blind | 0.30 | 0 | 0 | any score | none |",
    ]
