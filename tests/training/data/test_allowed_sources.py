"""What the recipes of open weights refuse, and that it is said before any picture is read."""

from __future__ import annotations

import dataclasses
import json

import pytest

from core.errors import RecordError
from core.runs.training import CONFIG_FILE
from tests.conftest import ROOT
from training import train
from training.data.allowed_sources import (
    only_allowed,
    require_allowed_photos,
    require_allowed_start,
    require_allowed_teachers,
    teachers_of,
)
from training.data.example import Example, Manifest
from training.recipes import COLLECTIONS, TEACHERS, backbone_claim, load_any

OPEN = [load_any(name) for name in ("mask3_open", "face_fpn_open")]
BACKBONE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"


def manifest(folder, *rows):
    """Rows of (source, split); none of the pictures is there."""
    examples = tuple(
        Example(folder / f"{i}.jpg", "with_mask", source, f"{source}/{i}", split)
        for i, (source, split) in enumerate(rows)
    )
    return Manifest(examples, (), {}, "0" * 64)


def written(folder, *sources, boxes=False):
    """A manifest whose pictures are files that hold none."""
    lines = ["path,label,split,source,x1,y1,x2,y2"]
    for i, source in enumerate(sources):
        (folder / f"{i}.jpg").write_bytes(b"no picture")
        lines.append(f"{i}.jpg,with_mask,train,{source}," + ("1,1,9,9" if boxes else ",,,"))
    (folder / "data.csv").write_text("\n".join(lines) + "\n")
    return folder / "data.csv"


@pytest.fixture(params=OPEN, ids=lambda recipe: recipe.name)
def recipe(request):
    return request.param


def test_each_is_the_recipe_that_it_is_of_but_for_its_sources(recipe):
    same = load_any(recipe.name.removesuffix("_open"))
    kept = {"name": same.name, "about": same.about, "allowed_sources": {}}
    assert same == dataclasses.replace(recipe, **kept)
    assert {*recipe.allowed_sources} == {"andrewmvd", "chandrika4k", "rmanaem", "synthetic"}
    assert all(COLLECTIONS[name].use == "any" for name in recipe.allowed_sources)
    assert "research" not in recipe.about.licence and "research" in same.about.licence


def test_allowed_data_is_taken_as_it_is_and_the_test_part_may_be_of_any_source(recipe, tmp_path):
    data = manifest(tmp_path, ("andrewmvd", "train"), ("rmanaem", ""), ("peng", "test"), ("mine", "held"))
    assert only_allowed(recipe, data) is data
    other = load_any("mask3")
    mixed = manifest(tmp_path, ("ashish12k", "train"))
    assert only_allowed(other, mixed) is mixed


def test_other_sources_are_refused_by_name_and_number(recipe, tmp_path):
    data = manifest(
        tmp_path, ("andrewmvd", ""), ("ashish12k", ""), ("ashish12k", "train"), ("utkface", "validation")
    )
    with pytest.raises(
        RecordError, match=r"ashish12k \(2\), utkface \(1\)\. Leave them out by --allowed-only"
    ):
        only_allowed(recipe, data)


def test_a_strangers_source_cannot_steer_a_terminal(recipe, tmp_path):
    with pytest.raises(RecordError) as refused:
        only_allowed(recipe, manifest(tmp_path, ("\x1b[2J", "train")))
    assert "\x1b" not in str(refused.value)


def test_the_others_are_left_out_where_that_is_asked_for_and_counted(recipe, tmp_path, caplog):
    caplog.set_level("INFO")
    data = manifest(tmp_path, ("andrewmvd", ""), ("ashish12k", "train"), ("ashish12k", "test"))
    kept = only_allowed(recipe, data, leave_out=True)
    assert [(e.source, e.split) for e in kept.examples] == [("andrewmvd", ""), ("ashish12k", "test")]
    assert f"Left out, as {recipe.name} may not learn from them: ashish12k (1)" in caplog.text
    with pytest.raises(RecordError, match="nothing that"):
        only_allowed(recipe, manifest(tmp_path, ("utkface", "")), leave_out=True)
    with pytest.raises(RecordError, match="mask3 may learn from any source"):
        only_allowed(load_any("mask3"), data, leave_out=True)


def test_sources_that_only_leaves_out_do_not_matter(tmp_path):
    data = manifest(tmp_path, ("andrewmvd", ""), ("ashish12k", ""))
    assert only_allowed(OPEN[0], data, among=["andrewmvd"]) is data
    with pytest.raises(RecordError, match="ashish12k"):
        only_allowed(OPEN[0], data, among=["andrewmvd", "ashish12k"])  # to choose the epoch by


def started(folder, recipe_name):
    """A run's record as if that recipe had trained it, and where its best epoch would be."""
    config = json.loads((ROOT / "runs/mask3-v4" / CONFIG_FILE).read_text()) | {"recipe": recipe_name}
    folder.mkdir()
    (folder / CONFIG_FILE).write_text(json.dumps(config))
    return folder / "checkpoints/best.keras"


def test_it_goes_on_only_from_runs_of_open_recipes(recipe, tmp_path):
    require_allowed_start(recipe, "imagenet", started(tmp_path / "a", "mask3_open"))
    require_allowed_start(load_any("mask3"), "anything.h5", started(tmp_path / "b", "mask3"))
    with pytest.raises(RecordError, match="c was trained by mask3, which may learn from more"):
        require_allowed_start(recipe, "imagenet", started(tmp_path / "c", "mask3"))
    with pytest.raises(RecordError, match="not known"):
        require_allowed_start(recipe, "imagenet", started(tmp_path / "d", "no_such_recipe"))
    with pytest.raises(RecordError, match="not known"):
        require_allowed_start(recipe, "imagenet", tmp_path / "absent/checkpoints/best.keras")


def test_it_begins_only_from_weights_that_are_published(recipe):
    for weights in ("imagenet", "none", f"/somewhere/{BACKBONE}"):
        require_allowed_start(recipe, weights, None)
    with pytest.raises(RecordError, match=r"body\.h5: .* may begin only from ImageNet weights"):
        require_allowed_start(recipe, "/somewhere/body.h5", None)
    assert backbone_claim(BACKBONE, "mobilenet_v2").licence == "Apache-2.0"
    assert backbone_claim("body.h5", "mobilenet_v2").use == "research"


def taught(folder, *teachers, column="teacher"):
    path = folder / "taught.csv"
    path.write_text("\n".join([f"path,kind,{column}", *(f"a/b.jpg,face,{who}" for who in teachers)]) + "\n")
    return path


def test_teachers_are_counted(tmp_path):
    path = taught(tmp_path, "yunet", "yunet+centerface", "facemesh")
    assert teachers_of(path) == {"centerface": 1, "facemesh": 1, "yunet": 2}
    require_allowed_teachers(OPEN[1], path, teachers_of(path))
    assert teachers_of(None) == {} == teachers_of(taught(tmp_path, "yunet", column="who"))
    with pytest.raises(RecordError, match=r"absent\.csv"):
        teachers_of(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (["yunet", "scrfd"], r"scrfd \(1\)"),
        (["yunet+scrfd_2.5g"], r"scrfd_2\.5g \(1\)"),
        (["yunet", ""], r"nobody named \(1\)"),
        ([], "does not say who taught"),
    ],
)
def test_teachers_for_research_alone_are_refused(tmp_path, who, said):
    path = taught(tmp_path, *who)
    with pytest.raises(RecordError, match=said) as refused:
        require_allowed_teachers(OPEN[1], path, teachers_of(path))
    assert "centerface, facemesh, retinaface, ultraface, yunet" in str(refused.value)
    require_allowed_teachers(load_any("face_fpn"), path, teachers_of(path))
    assert TEACHERS["scrfd"].use == "research"


@pytest.mark.parametrize(
    ("arguments", "sources", "said"),
    [
        ("mask3_open", ("andrewmvd", "utkface"), "utkface (1). Leave them out by --allowed-only"),
        ("mask3_open --only andrewmvd --hold-out utkface", ("andrewmvd", "utkface"), "utkface (1)"),
        ("mask3_open --start-from RUN/checkpoints/best.keras", ("andrewmvd",), "was trained by mask3,"),
        ("mask3_open --backbone-weights body.h5", ("andrewmvd",), "may begin only from ImageNet"),
        ("face_fpn_open", ("andrewmvd", "karan_unmasked"), "karan_unmasked (1)"),
        ("face_fpn_open --faces FACES", ("andrewmvd",), "ashish12k (1)"),
        ("face_fpn_open --taught TAUGHT", ("andrewmvd",), "may not learn from scrfd (1)"),
        ("face_fpn_open --start-from RUN/checkpoints/best.keras", ("andrewmvd",), "was trained by mask3,"),
        ("mask3 --allowed-only", ("andrewmvd",), "mask3 may learn from any source"),
    ],
)
def test_the_command_refuses_in_one_line_before_it_reads_a_picture(
    tmp_path, capsys, monkeypatch, arguments, sources, said
):
    def read(*_, **__):
        raise AssertionError("a picture was read")

    monkeypatch.setattr("training.data.datasets.load_crops", read)
    monkeypatch.setattr("training.detection.dataset.read_image", read)
    started(tmp_path / "before", "mask3")
    (tmp_path / "faces").mkdir()
    of_command = {
        "RUN": str(tmp_path / "before"),
        "FACES": str(written(tmp_path / "faces", "ashish12k", "rmanaem")),
        "TAUGHT": str(taught(tmp_path, "yunet", "scrfd")),
    }
    for word, path in of_command.items():
        arguments = arguments.replace(word, path)
    data = written(tmp_path, *sources, boxes="face_fpn" in arguments)
    with pytest.raises(SystemExit) as stop:
        train.main([*arguments.split(), "--data", str(data), "--output", str(tmp_path / "run")])
    error = capsys.readouterr().err
    assert stop.value.code == 1 and said in error and error.count("error: ") == 1
    assert not (tmp_path / "run").exists()


def test_photos_without_a_face_are_for_research(tmp_path):
    for recipe in OPEN:
        with pytest.raises(RecordError, match="--face-free"):
            require_allowed_photos(recipe, tmp_path)
        require_allowed_photos(recipe, None)
    require_allowed_photos(load_any("face_fpn"), tmp_path)
