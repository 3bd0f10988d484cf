"""Two pictures of one source, whose figures are worked out by hand."""

import cv2
import numpy as np
import pytest

from bench import detectors
from bench.crowd import crowd
from bench.rivals import WHOLE_CURVE, Rival
from core.results import Detection, Frame

# A face of 20 px and one of 40 px in the first picture, one of 70 px in the second.
FACES = {"a": [(10, 10, 30, 30), (50, 10, 90, 50)], "b": [(20, 20, 90, 90)]}
FALSE = (100, 60, 115, 75)


@pytest.fixture
def data(tmp_path):
    lines = ["path,label,x1,y1,x2,y2,split,source,group"]
    for number, (name, boxes) in enumerate(FACES.items()):
        rgb = np.full((100, 120, 3), number, np.uint8)  # by which the rivals below know the picture
        cv2.imwrite(str(tmp_path / f"{name}.png"), rgb)
        lines += [f"{name}.png,with_mask,{','.join(map(str, box))},test,crowds,{name}" for box in boxes]
    lines.append("a.png,with_mask,1,1,9,9,train,crowds,c")
    (tmp_path / "scenes.csv").write_text("\n".join(lines))
    return tmp_path


def rival(way, of_picture, calls=None):
    """Answers (box, score) by the picture's number."""

    def find(frame, min_score):
        if calls is not None:
            calls.append((way, int(frame.rgb[0, 0, 0]), min_score))
        rows = of_picture[int(frame.rgb[0, 0, 0])]
        return tuple(Detection(box, score, "made") for box, score in rows if score >= min_score)

    return Rival("made", way, 0.5, find)


def half_right(calls=None):
    """Finds the small face, surely; the middle one below the operating point; and one that is none."""
    return rival("half", [[(FACES["a"][0], 0.9), (FALSE, 0.8), (FACES["a"][1], 0.3)], []], calls)


def whole(calls=None):
    return rival("whole", [[(box, 0.9) for box in boxes] for boxes in FACES.values()], calls)


def printed(capsys):
    """The rows of each table, cells stripped, without head and line."""
    tables = capsys.readouterr().out.strip().split("\n\n")
    return [[[c.strip() for c in line.strip("|").split("|")] for line in t.splitlines()[2:]] for t in tables]


def test_one_table_side_by_side(data, monkeypatch, capsys):
    monkeypatch.setattr(detectors, "rivals", lambda *_, **__: [whole(), half_right()])
    assert detectors.main(["--data", str(data), "--repeat", "0"]) == 0
    ((all_found, half),) = printed(capsys)
    assert all_found[:6] == ["crowds", "made, whole", "3", "1.000", "1.000", "1.000"]
    assert all_found[6:11] == ["none (n=0)", "1.000 (n=1)", "none (n=0)", "1.000 (n=1)", "1.000 (n=1)"]
    # One of three at precision 1, then one more at precision 2/3: AP is 1/3 + 1/3 x 2/3.
    assert half[1:6] == ["made, half", "3", "0.556", "0.333", "0.500"]
    assert half[6:11] == ["none (n=0)", "1.000 (n=1)", "none (n=0)", "0.000 (n=1)", "0.000 (n=1)"]
    assert float(all_found[12]) == 1  # x the first rival's time


def test_each_picture_goes_to_all_in_turn_and_is_timed_at_the_operating_point(data):
    calls = []
    images = detectors.read_data(data, "test")
    detectors.time_detectors([whole(calls), half_right(calls)], images)
    assert calls == [
        (way, picture, least)
        for picture in (0, 1)
        for way in ("whole", "half")
        for least in (0.5, WHOLE_CURVE)
    ]


def test_pictures_are_chosen_by_split_source_and_limit(data):
    def counts(split, *chosen):
        return {
            name: len(mine)
            for name, mine in detectors.of_sources(detectors.read_data(data, split), *chosen).items()
        }

    assert counts("test", None, None) == {"crowds": 2}
    assert counts("test", "crowds", 1) == {"crowds": 1}
    assert counts("test", "elsewhere", None) == {}
    assert counts("train", None, None) == {"crowds": 1}


@pytest.mark.parametrize("arguments", [["--source", "elsewhere"], ["--split", "absent"]])
def test_nothing_to_measure_is_an_error(data, monkeypatch, capsys, arguments):
    monkeypatch.setattr(detectors, "rivals", lambda *_, **__: [whole()])
    with pytest.raises(SystemExit) as ended:
        detectors.main(["--data", str(data), *arguments])
    assert ended.value.code == 1 and capsys.readouterr().err.startswith("error: ")


def test_a_picture_too_large_for_one_pass_is_left_out():
    small = Rival("made", "single pass", 0.5, whole().find, most_pixels=50 * 50)
    frame = Frame(np.zeros((100, 120, 3), np.uint8))
    ((title, name, found, ms),) = detectors.speed([small, whole()], "a picture", frame, repeat=2)
    assert (title, name, found) == ("a picture", "made, whole", "2") and float(ms) >= 0


def test_the_crowd_is_as_large_as_asked():
    frame, faces = crowd(44, 28)
    assert frame.rgb.shape == (28, 44, 3)
    assert faces == 5 * 3  # of 8 pixels each
    assert frame.rgb.std() > 40  # people, no plain wall
