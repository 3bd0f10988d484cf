"""The command on a few drawn faces: what it writes, and what it says of data it cannot learn from."""

import csv

import keras
import numpy as np
import pytest
from PIL import Image

from core.detection import load_landmarks
from core.mask_rendering import sample_frame
from core.mask_rendering.samples import ASTRONAUT_LANDMARKS
from core.models import read_landmark_card
from training.detection.pseudo_labels import PseudoLabel, write_pseudo_labels
from training.landmarks import evaluate, train
from training.landmarks.network import build_landmark_network, landmark_loss

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

BOX = (165.0, 60.0, 275.0, 205.0)


@pytest.fixture
def data(tmp_path):
    """Pictures of two sources with a box each, so many that some validate, and what teachers said."""
    rows, known = [], []
    for n in range(30):
        folder = tmp_path / ("andrewmvd" if n % 2 else "another")
        folder.mkdir(exist_ok=True)
        path = folder / f"{n}.png"
        Image.fromarray(np.roll(sample_frame("no_mask").rgb, n, axis=1)).save(path)
        box = (BOX[0] + n, BOX[1], BOX[2] + n, BOX[3])
        rows.append([f"{folder.name}/{n}.png", "without_mask", "train", folder.name, str(n), *box])
        points = tuple((float(x) + n, float(y)) for x, y in ASTRONAUT_LANDMARKS)
        known.append(
            (f"{folder.name}/{n}.png", PseudoLabel("points", box, points, 1.0, ("yunet", "facemesh")))
        )
    with (tmp_path / "images.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["path", "label", "split", "source", "group", "x1", "y1", "x2", "y2"], *rows]
        )
    write_pseudo_labels(tmp_path / "taught.csv", known)
    return ["--data", str(tmp_path / "images.csv"), "--taught", str(tmp_path / "taught.csv")]


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("MASKWISE_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_what_is_trained_is_installed_found_and_measured(data, models, capsys):
    into = models / "face_landmarks"
    few = ["--backbone-weights", "none", "--epochs", "1", "--output", str(into)]
    assert train.main([*data, *few]) == 0
    card = read_landmark_card(into)
    assert {(row.name, row.role) for row in card.data} == {
        *(("andrewmvd", "pictures"), ("another", "pictures"), ("yunet", "teacher"), ("facemesh", "teacher")),
        ("none", "backbone"),
    }
    assert card.use == "research"  # nobody knows what `another` allows
    assert load_landmarks().card.weights == card.weights
    printed = capsys.readouterr().out
    assert "roll off by" in printed and {score.source for score in card.test} <= {"andrewmvd", "another"}
    assert evaluate.main([*data, "--record"]) == 0
    assert {(score.source, score.n) for score in read_landmark_card(into).test} == {
        ("andrewmvd", 15),
        ("another", 15),
    }


def test_data_without_points_of_facemesh_is_refused(data, models, tmp_path, capsys):
    write_pseudo_labels(tmp_path / "taught.csv", [])
    with pytest.raises(SystemExit):
        train.main([*data, "--backbone-weights", "none", "--output", str(models / "face_landmarks")])
    assert "0 faces with FaceMesh's points" in capsys.readouterr().err and not models.exists()


def test_without_the_network_there_is_nothing_to_measure(data, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(evaluate, "folders", lambda _: {})
    with pytest.raises(SystemExit):
        evaluate.main(data)
    assert "python -m training.landmarks.train" in capsys.readouterr().err


def test_a_point_is_where_its_map_is_bright():
    """Maps that are bright in one cell of 4 x 4 say that cell's place."""
    model = build_landmark_network(32, "none")
    weights = np.zeros((1, 5, 16), np.float32)
    weights[0, 0, 0] = weights[0, 1, 3] = weights[0, 2, 15] = weights[0, 3, 5] = weights[0, 4, 4:8] = 1
    weights[0, 4] /= 4
    points = keras.ops.convert_to_numpy(model.get_layer("places")(weights))[0]
    edge, inner = 0.375 * 1.3, 0.125 * 1.3
    np.testing.assert_allclose(
        points, [[-edge, -edge], [edge, -edge], [edge, edge], [-inner, -inner], [0, -inner]], atol=1e-6
    )


def test_near_points_cost_by_the_square_and_far_ones_by_their_distance():
    true = np.zeros((3, 10), np.float32)
    said = true + np.array([[0.01], [0.1], [-0.1]], np.float32)
    cost = keras.ops.convert_to_numpy(landmark_loss(true, said))
    np.testing.assert_allclose(cost, [10 * 0.0025, 10 * 0.09, 10 * 0.09], rtol=1e-4)
