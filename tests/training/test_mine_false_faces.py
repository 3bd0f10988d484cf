"""False faces of a detector that finds every bright square, on drawn pictures."""

import csv

import cv2
import numpy as np
import pytest

from core.images.decode import read_image
from core.results import Detection
from training import mine_false_faces
from training.data.manifest import read_manifest
from training.mine_false_faces import MOST_A_PICTURE, Scene, mine


class Squares:
    """Finds squares of 20 pixels, red ones with the score .9, green ones with .3, blue ones with .1."""

    name = "squares"
    operating_point = live_operating_point = 0.5

    def detect(self, frame, min_score=None, *, longest_side=None):
        found = []
        for channel, score in enumerate((0.9, 0.3, 0.1)):
            _, _, boxes, _ = cv2.connectedComponentsWithStats(
                (frame.rgb[..., channel] > 150).astype(np.uint8)
            )
            for x, y, w, h, _ in boxes[1:]:
                found.append(Detection((x, y, x + w, y + h), score, self.name))
        return tuple(d for d in found if d.score >= min_score)


RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def draw(path, *squares):
    """A black picture of 200 x 100 with squares (x, y, colour)."""
    rgb = np.zeros((100, 200, 3), np.uint8)
    for x, y, colour in squares:
        rgb[y : y + 20, x : x + 20] = colour
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), rgb[..., ::-1])


@pytest.fixture
def data(tmp_path, monkeypatch):
    draw(tmp_path / "scenes/a.png", (10, 10, RED), (60, 10, RED), (110, 60, GREEN), (160, 10, BLUE))
    draw(tmp_path / "scenes/b.png", (60, 60, GREEN))
    draw(tmp_path / "scenes/test.png", (60, 60, RED))
    draw(tmp_path / "free/things/c.png", (5, 5, GREEN))
    (tmp_path / "free/broken.png").write_bytes(b"no picture")
    (tmp_path / "scenes.csv").write_text(
        "path,label,x1,y1,x2,y2,split,source,group\n"
        "scenes/a.png,with_mask,12,12,32,32,train,crowds,7\n"
        "scenes/b.png,with_mask,150,60,170,80,train,crowds,8\n"
        "scenes/test.png,with_mask,150,60,170,80,test,crowds,9\n"
    )
    monkeypatch.setattr(mine_false_faces, "load_detector", lambda name: Squares())
    return tmp_path


def run(data, *more):
    arguments = ["squares", "--data", str(data / "scenes.csv"), "--output", str(data / "out"), *more]
    assert mine_false_faces.main(arguments) == 0
    with (data / "out/manifest.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_what_touches_no_face_is_kept_of_training_pictures_alone(data, capsys):
    rows = run(data)
    assert [(row["label"], row["source"], row["group"], row["face_px"]) for row in rows] == [
        ("not_a_face", "crowds", "7", "20"),
        ("not_a_face", "crowds", "7", "20"),
        ("not_a_face", "crowds", "8", "20"),
    ]
    assert "3 false faces in 2 pictures (crowds 3)" in capsys.readouterr().out
    first = read_image(data / "out" / rows[0]["path"]).rgb
    assert first.shape == (30, 30, 3)  # 1.5 times the box
    assert first[15, 15, 0] > 200 and first[15, 15, 1:].max() < 60 and first[1, 1].max() < 60


def test_the_manifest_is_read_as_data_to_learn_from(data):
    run(data)
    examples = read_manifest(data / "out/manifest.csv").examples
    assert {e.label for e in examples} == {"not_a_face"} and len(examples) == 3
    assert {e.group for e in examples} == {"crowds/7", "crowds/8"} and examples[0].face_px == 20


def test_what_other_detectors_found_is_left_out(data):
    taught = "path,kind,x1,y1,x2,y2," + ",".join(f"point{n}_{a}" for n in range(5) for a in "xy") + "\n"
    taught += f"scenes/a.png,ignored,60,10,80,30{',' * 10}\nscenes/b.png,face,62,62,82,82{',' * 10}\n"
    (data / "taught.csv").write_text(taught)
    assert [row["group"] for row in run(data, "--taught", str(data / "taught.csv"))] == ["7"]


def test_photos_without_a_face_give_all_that_is_found(data, caplog):
    rows = run(data, "--face-free", str(data / "free"), "--score", "0.05")
    assert len([row for row in rows if row["source"] == "crowds"]) == 4  # and the blue one
    assert [(row["source"], row["group"]) for row in rows[4:]] == [("free", "things/c.png")]
    assert "broken.png" in caplog.text


def test_it_stops_at_the_bound_and_keeps_the_surest_of_a_picture(data, caplog):
    assert len(run(data, "--most", "2")) == 2 and "More than 2" in caplog.text

    class Many(Squares):
        def detect(self, frame, min_score=None, *, longest_side=None):
            return tuple(Detection((x, 0, x + 10, 10), x / 200, "many") for x in range(1, 190))

    scene = Scene(data / "scenes/a.png", "crowds", "7")
    assert mine(Many(), [scene], data / "many", score=0.0, most=1000) == {"crowds": MOST_A_PICTURE}
    found = mine_false_faces.false_faces(scene, read_image(scene.path), Many(), 0.0)
    assert found[0].score == max(d.score for d in found) == 189 / 200


@pytest.mark.parametrize(
    ("more", "problem"),
    [(["--score", "0.95"], "finds no false face"), (["--face-free", "{}/empty"], "holds no picture")],
)
def test_nothing_found_is_said(data, more, problem, capsys):
    (data / "empty").mkdir()
    with pytest.raises(SystemExit):
        run(data, *(word.format(data) for word in more))
    assert problem in capsys.readouterr().err


def test_a_folder_that_holds_something_is_not_mixed_up(data, capsys):
    run(data)
    with pytest.raises(SystemExit):
        run(data)
    assert "is not empty" in capsys.readouterr().err
