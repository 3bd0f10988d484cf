import numpy as np

from bench import face_free
from bench.rivals import Rival
from core.results import Detection, Frame


def test_there_are_100_pictures_each_another():
    found = list(face_free.pictures())
    assert len(found) == 100 == len({name for name, _ in found})
    assert len({frame.rgb.tobytes() for _, frame in found}) >= 99  # a chessboard is its own, on its side
    assert min(frame.rgb.std() for _, frame in found) > 3  # no empty ones


def test_the_parts_without_a_person_are_taken():
    frames = dict(face_free.pictures())
    assert (frames["astronaut"].height, frames["camera"].width) == (512 - 215, 512 - 345)
    assert frames["astronaut, mirrored"].rgb.shape == (2 * (512 - 215), 1024, 3)


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
        "| made, photo | 0.30 | 4 | 2 of 3 | above 0.300 | dim: 1; light: 3 |",
        "| made, strict | 0.90 | 0 | 0 of 3 | above 0.300 | none |",
        "| made, blind | 0.30 | 0 | 0 of 3 | any score | none |",
    ]
