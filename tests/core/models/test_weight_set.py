"""Which weights answer by `MASKWISE_WEIGHTS`: tiny models in a folder of the test's own."""

from __future__ import annotations

import json
import shutil

import pytest

import core
from core import settings
from core.__main__ import main
from core.detection import face_fpn, load_detector, offers
from core.errors import DetectorError, ModelError, RecordError, SettingsError
from core.models import (
    DETECTOR_CARD_FILE,
    default_detector,
    default_model,
    installed,
    installed_models,
    read_card,
    read_detector_card,
    require_default_weights,
    why_not_offered,
)
from core.models.card import CARD_FILE
from core.models.data_bill import DataSource, use_of

SHIPPED = installed.SHIPPED
FREE = {"name": "here", "role": "pictures", "licence": "CC0", "use": "any", "pictures": 3, "faces": {"a": 3}}
TEACHER = {"name": "yunet", "role": "teacher", "licence": "MIT", "use": "any"}
NOT_FREE = {"name": "there", "role": "pictures", "licence": "CC BY-NC-SA", "use": "research"}


def changed(path, **fields):
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


@pytest.fixture
def models(tmp_path, monkeypatch):
    """As shipped are the weights for research alone; `put(name, **fields)` adds a copy of them as another."""
    shipped, mine = tmp_path / "shipped", tmp_path / "mine"
    for name in ("mask3", "face_fpn"):
        shutil.copytree(SHIPPED / name, shipped / name)
    monkeypatch.setattr(installed, "SHIPPED", shipped)
    monkeypatch.setenv(settings.MODELS.name, str(mine))

    def put(name, **fields):
        kind, file = ("mask3", CARD_FILE) if name.startswith("mask") else ("face_fpn", DETECTOR_CARD_FILE)
        shutil.copytree(SHIPPED / kind, mine / name)
        changed(mine / name / file, **{"name": name, "use": "any", "data": [FREE, TEACHER], **fields})
        return mine / name

    return put


@pytest.fixture
def open_ones(models, monkeypatch):
    monkeypatch.setenv(settings.WEIGHTS.name, "open")
    return models("mask3_open"), models("face_fpn_open")


def test_without_the_setting_the_weights_for_research_answer_and_the_others_can_be_named(models):
    models("mask3_open"), models("face_fpn_open")
    assert (default_model(), default_detector()) == ("mask3", "face_fpn")
    require_default_weights()
    assert next(iter(installed_models())) == "mask3" and "mask3_open" in installed_models()
    assert [offer.name for offer in offers()][:2] == ["face_fpn", "face_fpn_open"]
    assert core.load_classifier("mask3_open").card.name == "mask3_open"
    assert load_detector("face_fpn_open").name == "face_fpn_open"


def test_of_open_weights_that_are_not_installed_nothing_is_said_where_nobody_asks(models):
    assert "face_fpn_open" not in [offer.name for offer in offers()]
    with pytest.raises(DetectorError, match=r"face_fpn_open is not offered: .*training\.train face_fpn_open"):
        load_detector("face_fpn_open")


def test_with_open_they_answer_everywhere_under_their_own_names(open_ones):
    require_default_weights()
    pipeline = core.load_pipeline()
    assert (pipeline.classifier.card.name, pipeline.detector.name) == ("mask3_open", "face_fpn_open")
    from core.mask_rendering import group_photo

    result = pipeline.check(group_photo(2))
    assert (result.model, result.detector) == ("mask3_open", "face_fpn_open")
    assert {face.detection.detector for face in result.faces} == {"face_fpn_open"}
    assert offers()[0].name == "face_fpn_open" and next(iter(installed_models())) == "mask3_open"


def test_with_open_others_are_refused_and_why_is_said(open_ones):
    for ask in (lambda: core.load_classifier("mask3"), lambda: load_detector("face_fpn")):
        with pytest.raises((ModelError, DetectorError), match="does not allow any use, and MASKWISE_WEIGHTS"):
            ask()
    assert "does not allow any use" in next(o.unavailable for o in offers() if o.name == "face_fpn")
    assert load_detector("haar").name == "haar"


def test_a_model_of_ones_own_is_offered_with_open_if_its_card_allows_any_use(open_ones, models):
    models("mask_mine"), models("mask_theirs", use="research", data=[NOT_FREE])
    cards = installed_models()
    assert why_not_offered("mask_mine", cards["mask_mine"]) is None
    assert "mask_theirs is not offered" in why_not_offered("mask_theirs", cards["mask_theirs"])
    assert core.load_classifier("mask_mine").card.name == "mask_mine"


@pytest.mark.parametrize("there", [(), ("mask3_open",), ("face_fpn_open",)])
def test_open_ends_a_command_at_its_start_while_its_weights_are_missing(models, monkeypatch, capsys, there):
    for name in there:
        models(name)
    monkeypatch.setenv(settings.WEIGHTS.name, "open")
    assert main(["models"]) == 1
    said = capsys.readouterr()
    missing = "face_fpn_open" if "mask3_open" in there else "mask3_open"
    assert said.out == "" and f"MASKWISE_WEIGHTS is open, but {missing} is not installed" in said.err
    assert f"training.train {missing}" in said.err and "unset MASKWISE_WEIGHTS" in said.err
    with pytest.raises(SettingsError, match="is not installed"):
        core.load_pipeline()


def test_open_weights_whose_card_allows_research_alone_are_none(models, monkeypatch):
    monkeypatch.setenv(settings.WEIGHTS.name, "open")
    models("mask3_open", use="research"), models("face_fpn_open")
    with pytest.raises(SettingsError, match="mask3_open cannot be used"):
        require_default_weights()


def test_open_weights_with_a_broken_card_are_said_in_words(open_ones):
    (open_ones[1] / DETECTOR_CARD_FILE).write_text("{")
    with pytest.raises(SettingsError, match=r"face_fpn_open cannot be used.*detector\.json"):
        require_default_weights()


def test_the_command_line_names_what_weights_are_for(models, capsys):
    models("mask3_open"), models("face_fpn_open")
    assert main(["models"]) == 0
    said = capsys.readouterr().out
    assert "mask3_open: " in said and "detector face_fpn_open: " in said
    assert said.count("its weights are for any use, as far as the licences claimed go") == 2


@pytest.mark.parametrize("name", ["mask3_open", "face_fpn_open"])
def test_a_bill_survives_a_round_trip_and_a_card_without_one_is_for_research(models, name):
    folder = models(name)
    file, read = (CARD_FILE, read_card) if name[0] == "m" else (DETECTOR_CARD_FILE, read_detector_card)
    card = read(folder)
    assert card.use == "any" and [source.name for source in card.data] == ["here", "yunet"]
    assert card.data[0].faces == {"a": 3} and card.data[1].pictures is None
    (folder / file).write_text(json.dumps(card.as_json()))
    assert read(folder) == card
    fields = {k: v for k, v in card.as_json().items() if k not in ("use", "data")}
    (folder / file).write_text(json.dumps(fields))
    assert (read(folder).use, read(folder).data) == ("research", ())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"data": [FREE, NOT_FREE]}, "use says any, but data names there"),
        ({"data": []}, "no pictures at all"),
        ({"data": [TEACHER]}, "no pictures at all"),
        ({"use": "everything"}, "use"),
        ({"data": [FREE | {"role": "cook"}]}, "data.0.role"),
        ({"data": [FREE | {"name": "x" * 300}]}, "data.0.name"),
        ({"data": [FREE | {"faces": {"a": -1}}]}, "data.0.faces"),
        ({"data": [FREE] * 300}, "data"),
    ],
)
@pytest.mark.parametrize("name", ["mask3_open", "face_fpn_open"])
def test_a_card_that_allows_more_than_its_bill_or_holds_no_bill_is_refused(models, name, fields, said):
    folder = models(name, **fields)
    with pytest.raises(RecordError) as refused:
        (read_card if name[0] == "m" else read_detector_card)(folder)
    assert said in str(refused.value)


def test_what_a_bill_allows_is_what_its_strictest_source_does():
    free, taught, other = map(DataSource.model_validate, (FREE, TEACHER, NOT_FREE))
    assert use_of([free, taught]) == "any"
    assert use_of([free, other]) == use_of([taught]) == use_of([]) == "research"


def test_the_names_of_the_two_sets_are_those_that_the_registry_knows():
    assert face_fpn.NAMES == ("face_fpn", "face_fpn_open")
