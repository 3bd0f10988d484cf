"""Engines are compared with the first that runs; one that cannot run the network does not end the others."""

import numpy as np
import pytest

from bench import engines
from core.models import DEFAULT, folders, load_engine, read_card

ASKED = np.zeros((2, 4, 4, 3), np.float32)


def answering(value):
    return lambda folder, asked, threads: lambda batch: np.full((len(batch), 3), value, np.float32)


def broken(folder, asked, threads):
    raise RuntimeError("no such operator\nand more")


def test_each_engine_has_a_line(monkeypatch, capsys, tmp_path):
    said = {"first": answering(0.25), "second": answering(0.75), "third": broken}
    monkeypatch.setattr(engines, "ENGINES", said)
    engines.compare(tmp_path, ASKED, 1, repeat=3)
    third, first, second = capsys.readouterr().out.splitlines()
    assert third.split() == ["third", "cannot", "run", "it:", "no", "such", "operator"]
    assert first.endswith("1.00 x  differs by 0.0000")
    assert second.split()[0] == "second" and second.endswith("differs by 0.5000")


def test_scores_of_cells_are_compared_and_not_their_logits():
    cells = np.zeros((1, 5, 15), np.float32)
    assert engines._scores(cells).tolist() == [[0.5] * 5]


@pytest.mark.parametrize("start", [engines.onnx_runtime, engines.opencv])
def test_they_answer_as_the_app_does(start):
    folder = folders("card.json")[DEFAULT]
    card = read_card(folder)
    (_, asked), *_ = engines.asked_of_classifier(card)
    ours = load_engine(folder, card, "onnx").run(asked)
    np.testing.assert_allclose(start(folder, asked, 2)(asked), ours, atol=1e-4)


def test_the_detector_sees_sides_that_its_strides_divide():
    for name, asked in engines.asked_of_detector():
        height, width = asked.shape[1:3]
        assert name == f"{width} x {height}" and width % 32 == height % 32 == 0 and asked.std() > 10
