import json

import cv2
import numpy as np
import pytest
from skimage import data

from core.classification.classifier import face_probabilities
from tests.toy_card import toy_card
from training import audit

ASTRONAUT = data.astronaut()


@pytest.fixture
def photos(tmp_path):
    """Two test photos of three have a near-duplicate in training, one of them by its group too."""
    pictures = {
        "face": ASTRONAUT[20:200, 130:310],
        "mirrored": ASTRONAUT[20:200, 130:310][:, ::-1],
        "rocket": ASTRONAUT[150:430, 300:512],
        "smaller": cv2.resize(ASTRONAUT[150:430, 300:512], None, fx=0.6, fy=0.6),
        "noise": np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8),
    }
    for name, picture in pictures.items():
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.ascontiguousarray(picture))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "photos.csv").write_text(
        "path,label,split,source,group\n"
        "face.png,without_mask,train,a,1\n"
        "rocket.png,with_mask,train,a,2\n"
        "mirrored.png,without_mask,test,a,1\n"
        "smaller.png,with_mask,test,b,3\n"
        "noise.png,with_mask,test,b,4\n"
        "broken.png,with_mask,test,b,5\n"
    )
    return tmp_path / "photos.csv"


class Classifier:
    """Says `with_mask` of everything."""

    card = toy_card(name="yes", crop_scale=1.5)

    def predict(self, crops):
        return face_probabilities(np.tile([1.0, 0.0, 0.0], (len(crops), 1)), self.card.class_set)


def test_near_duplicates_are_counted_by_sight_and_by_group(photos, capsys):
    assert audit.main([str(photos), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {k: found["leakage"][k] for k in ("n", "twins", "shared_groups", "shared_faces")} == {
        "n": 3,
        "twins": 2,
        "shared_groups": 1,
        "shared_faces": 1,
    }
    assert found["leakage"]["hits_with_twin"] is None  # no model was asked
    assert found["sources"] == [{"source": "a", "n": 1, "twins": 1}, {"source": "b", "n": 2, "twins": 1}]
    assert 0 <= found["random_split_twins"] <= found["random_split_n"] <= 5


def test_a_model_is_measured_with_and_without_near_duplicates(photos, monkeypatch, capsys):
    monkeypatch.setattr(audit, "load_classifier", lambda _: Classifier())
    assert audit.main([str(photos), "--model", "yes"]) == 0
    said = capsys.readouterr().out
    assert "2 of 3 test faces have a near-duplicate" in said
    assert (
        "with a near-duplicate  50.0% of 2 right" in said
        and "without                100.0% of 1 right" in said
    )


def test_other_data_is_compared_as_a_whole(photos, tmp_path, capsys):
    other = tmp_path / "mine" / "with_mask"
    other.mkdir(parents=True)
    cv2.imwrite(str(other / "1.png"), np.ascontiguousarray(ASTRONAUT[20:200, 130:310][:, ::-1]))
    assert audit.main([str(other.parent), "--against", str(photos)]) == 0
    assert "1 of 1 test faces have a near-duplicate" in capsys.readouterr().out


def test_data_without_a_test_part_has_nothing_to_audit(photos, capsys):
    photos.write_text("path,label\nface.png,with_mask\n")
    with pytest.raises(SystemExit) as stop:
        audit.main([str(photos)])
    assert stop.value.code == 1 and "nothing to compare" in capsys.readouterr().err
