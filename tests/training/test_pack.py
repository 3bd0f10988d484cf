import json
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest

from core.errors import ImageError, RecordError
from training import pack as packing
from training.data.crops import load_crop, load_crops
from training.data.formats.packed import open_pack, packed_rows
from training.data.manifest import read_manifest
from training.pack import main

HEADER = "path,label,x1,y1,x2,y2,source,group,split,face_px,gender,drawn,subtype"
ROWS = (
    "a.png,with_mask,10,10,30,34,here,7,train,,,,n95",
    "a.png,without_mask,35,12,60,50,here,7,train,,female,,",
    "b.png,incorrect_mask,0,0,40,30,there,,test,31.5,male,yes,nose_out",
)


@pytest.fixture
def data(tmp_path):
    for seed, name in enumerate(("a.png", "b.png")):
        pixels = np.random.default_rng(seed).integers(0, 256, (70, 90, 3), np.uint8)
        cv2.imwrite(str(tmp_path / name), pixels)
    (tmp_path / "faces.csv").write_text("\n".join([HEADER, *ROWS]) + "\n")
    return tmp_path / "faces.csv"


def pack(data, *options, name="faces.h5"):
    output = data.parent / name
    assert main(["--data", str(data), "--output", str(output), "--size", "48", *options]) == 0
    return output


def fails(data, *options, name="faces.h5", capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--data", str(data), "--output", str(data.parent / name), *options])
    assert stopped.value.code
    return capsys.readouterr().err


def test_crops_of_the_packed_size_are_those_of_the_files_bit_by_bit(data):
    from_files, _, _ = load_crops(read_manifest(data).examples, 48, 1.5)
    packed = read_manifest(pack(data)).examples
    from_pack, kept, unreadable = load_crops(packed, 48, 1.5)
    assert np.array_equal(from_pack, from_files) and kept == list(packed) and not unreadable
    assert np.array_equal(load_crop(packed[1], 1.5), from_files[1])


def test_the_examples_are_those_of_the_manifest(data):
    before, after = read_manifest(data).examples, read_manifest(pack(data)).examples
    for field in ("label", "source", "group", "split", "gender", "synthetic", "subtype"):
        assert [getattr(e, field) for e in after] == [getattr(e, field) for e in before]
    assert [e.face_px for e in after] == [24, 38, 31.5]
    assert [e.row for e in after] == [0, 1, 2]
    assert [e.subtype for e in after] == ["n95", "", "nose_out"]
    assert {e.box for e in after} == {None}  # the crop is all there is
    assert {e.path for e in after} == {data.parent / "faces.h5"}


def test_rows_name_pictures_without_folders_of_the_machine(data):
    rows = [row for _, row in packed_rows(pack(data))]
    assert [row["path"] for row in rows] == ["a.png", "a.png", "b.png"]
    assert str(data.parent).encode() not in (data.parent / "faces.h5").read_bytes()


def test_any_order_and_part_of_the_rows_can_be_loaded(data):
    packed = read_manifest(pack(data)).examples
    everything, _, _ = load_crops(packed, 48, 1.5)
    some, _, _ = load_crops([packed[2], packed[0]], 48, 1.5)
    assert np.array_equal(some, everything[[2, 0]])


def test_smaller_crops_are_made_from_the_packed_ones(data):
    packed = read_manifest(pack(data, "--size", "96")).examples
    half, _, _ = load_crops(packed, 48, 1.5)
    files, _, _ = load_crops(read_manifest(data).examples, 48, 1.5)
    assert np.abs(half.astype(int) - files).mean() < 12  # of noise, whose standard deviation is 74


def test_larger_crops_and_other_scales_are_refused(data):
    packed = read_manifest(pack(data)).examples
    with pytest.raises(RecordError, match="--size 49"):
        load_crops(packed, 49, 1.5)
    with pytest.raises(RecordError, match=r"--crop-scale 1\.2"):
        load_crops(packed, 48, 1.2)
    with pytest.raises(RecordError, match=r"--crop-scale 1\.2"):
        load_crop(packed[0], 1.2)


def test_pictures_without_boxes_fit_any_scale(data):
    data.write_text("path,label\na.png,with_mask\n")
    packed = read_manifest(pack(data)).examples
    assert np.array_equal(load_crops(packed, 48, 1.0)[0], load_crops(packed, 48, 1.5)[0])


def test_packing_twice_gives_the_same_bytes(data):
    assert pack(data).read_bytes() == pack(data, name="again.h5").read_bytes()


def test_the_file_tells_which_manifest_it_holds(data):
    packed = open_pack(pack(data))
    packed.close()
    assert packed.contents.manifest_sha256 == read_manifest(data).sha256


def test_unreadable_pictures_are_left_out_and_named(data, capsys):
    (data.parent / "a.png").write_bytes(b"no picture")
    (example,) = read_manifest(pack(data)).examples
    assert example.label == "incorrect_mask" and example.row == 0
    assert load_crops([example], 48, 1.5)[0].any()
    printed = capsys.readouterr().out
    assert "1 faces" in printed and "2 could not be read" in printed and "a.png" in printed


def test_nothing_is_left_behind_when_packing_fails(data, capsys, monkeypatch):
    for name in ("a.png", "b.png"):
        (data.parent / name).write_bytes(b"no picture")
    assert "None of 3 pictures" in fails(data, capsys=capsys)
    assert sorted(p.name for p in data.parent.iterdir()) == ["a.png", "b.png", "faces.csv"]

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(packing, "read_crops", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pack(data)
    assert sorted(p.name for p in data.parent.iterdir()) == ["a.png", "b.png", "faces.csv"]


def test_options_that_make_no_sense_are_refused(data, capsys):
    assert "ends in .h5" in fails(data, name="faces.npz", capsys=capsys)
    assert "1 to 1024" in fails(data, "--size", "0", capsys=capsys)
    assert "1 to 1024" in fails(data, "--size", "1000000", capsys=capsys)
    assert "--crop-scale nan" in fails(data, "--crop-scale", "nan", capsys=capsys)
    assert "is not there" in fails(data.parent / "absent.csv", capsys=capsys)
    packed = pack(data)
    before = packed.read_bytes()
    assert "there already" in fails(data, capsys=capsys)
    assert packed.read_bytes() == before
    assert "packed already" in fails(packed, name="again.h5", capsys=capsys)


def about(file, **changed):
    """Write `about` once more, with fields changed."""
    content = json.loads(file["about"][:].tobytes()) | changed
    replace(file, "about", np.frombuffer(json.dumps(content).encode(), np.uint8))


def replace(file, name, data, **options):
    del file[name]
    file.create_dataset(name, data=data, **options)


def one_chunk_larger_than_memory(file):
    first = file["crops"][:1]
    del file["crops"]
    shape, chunk = (1, 48, 48, 3), (500_000, 48, 48, 3)
    crops = file.create_dataset(
        "crops", shape, np.uint8, chunks=chunk, maxshape=(None, *shape[1:]), shuffle=False
    )
    about(file, rows=[{"path": "a.png", "label": "with_mask"}])
    crops.id.write_direct_chunk((0, 0, 0, 0), first.tobytes())


def linked(file):
    del file["crops"]
    file["crops"] = h5py.ExternalLink("elsewhere.h5", "/crops")


def softly_linked(file):
    file.move("crops", "others")
    file["crops"] = h5py.SoftLink("/others")


def outside(file):
    """`about` is in a file beside it, and right."""
    content = file["about"][:].tobytes()
    Path("about.json").write_bytes(content)
    del file["about"]
    file.create_dataset("about", (len(content),), np.uint8, external=[("about.json", 0, len(content))])


def virtual(file):
    del file["crops"]
    layout = h5py.VirtualLayout((3, 48, 48, 3), np.uint8)
    layout[:] = h5py.VirtualSource("elsewhere.h5", "crops", (3, 48, 48, 3))
    file.create_virtual_dataset("crops", layout)


def bomb(file):
    del file["about"]
    file.create_dataset("about", (2**40,), np.uint8, chunks=(2**20,), compression="gzip")


def crops_as(dtype, **options):
    return lambda file: replace(file, "crops", file["crops"][:].astype(dtype), **options)


HOSTILE = {
    "crops absent": lambda file: file.__delitem__("crops"),
    "about absent": lambda file: file.__delitem__("about"),
    "crops a group": lambda file: (file.__delitem__("crops"), file.create_group("crops")),
    "crops floats": crops_as(np.float32, chunks=(1, 48, 48, 3)),
    "crops texts": lambda file: replace(file, "crops", ["x"], dtype=h5py.string_dtype()),
    "crops compressed": crops_as(np.uint8, chunks=(1, 48, 48, 3), compression="gzip"),
    "crops in one piece": crops_as(np.uint8, chunks=(3, 48, 48, 3)),
    "crops of another shape": lambda file: replace(file, "crops", np.zeros((3, 5), np.uint8)),
    "fewer crops written": lambda file: file["crops"].resize(5, 0),
    "crops never written": lambda file: (file["crops"].resize(4, 0), about(file, rows=[{}] * 4)),
    "fewer rows": lambda file: about(file, rows=[]),
    "another size": lambda file: about(file, size=47),
    "a size that fills the memory": lambda file: about(file, size=10**9),
    "a scale that is no number": lambda file: about(file, crop_scale="NaN"),
    "a scale that is a list": lambda file: about(file, crop_scale=[1.5]),
    "a later schema": lambda file: about(file, schema=2),
    "a field that steers the terminal": lambda file: about(file, **{"\x1b[2J" * 999: 1}),
    "an unknown field": lambda file: about(file, code="import os"),
    "rows that are texts": lambda file: about(file, rows=["a", "b", "c"]),
    "rows of numbers": lambda file: about(file, rows=[{"path": 1}] * 3),
    "about not JSON": lambda file: replace(file, "about", np.frombuffer(b"{", np.uint8)),
    "about not UTF-8": lambda file: replace(file, "about", np.frombuffer(b'"\xff"', np.uint8)),
    "about deeply nested": lambda file: replace(file, "about", np.frombuffer(b"[" * 10**5, np.uint8)),
    "about a picture": lambda file: replace(file, "about", np.zeros((9, 9), np.uint8)),
    "about one number": lambda file: replace(file, "about", np.uint8(3)),
    "about a terabyte": bomb,
    "one chunk larger than memory": one_chunk_larger_than_memory,
    "a link to another file": linked,
    "a soft link": softly_linked,
    "external storage": outside,
    "a virtual data set": virtual,
}


@pytest.mark.parametrize("harm", HOSTILE.values(), ids=HOSTILE)
def test_a_broken_or_hostile_file_is_refused(data, harm, monkeypatch):
    monkeypatch.chdir(data.parent)
    path = pack(data)
    pack(data, name="elsewhere.h5")
    with h5py.File(path, "r+") as file:
        harm(file)
    with pytest.raises(RecordError, match=r"faces\.h5: is not a packed file that can be used") as refused:
        read_manifest(path)
    said = str(refused.value).replace(str(path), "")
    assert said.isprintable() and len(said) < 500


@pytest.mark.parametrize("share", [0, 0.001, 0.5, 0.99])
def test_a_truncated_file_is_refused(data, share):
    path = pack(data)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(RecordError, match=r"faces\.h5"):
        read_manifest(path)


def test_a_network_in_hdf5_is_no_pack(tmp_path):
    with h5py.File(tmp_path / "model.h5", "w") as file:
        file.create_group("model_weights")
    with pytest.raises(RecordError, match="has no `about`"):
        read_manifest(tmp_path / "model.h5")


def test_rows_without_what_is_needed_are_problems_and_the_rest_is_kept(data):
    path = pack(data)
    with h5py.File(path, "r+") as file:
        good = {"path": "a.png", "label": "with_mask", "row": "99", "x1": "1"}
        about(
            file,
            rows=[{"path": "a.png"}, {"path": "../../etc/passwd", "label": "with_mask"}, good | {"x1": ""}],
        )
    manifest = read_manifest(path)
    assert [e.row for e in manifest.examples] == [1, 2]  # the place is ours, whatever a row says
    assert {e.path for e in manifest.examples} == {path}
    assert len(manifest.problems) == 1 and "row 0" in manifest.problems[0]


def test_a_row_that_is_not_there_is_an_image_error(data):
    packed = open_pack(pack(data))
    with pytest.raises(ImageError, match="row 3"):
        packed.crop(3)
    packed.close()
