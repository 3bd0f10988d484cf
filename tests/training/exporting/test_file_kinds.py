"""What a file is, by its first bytes, and one clear sentence for each kind that is not read."""

import io
import os
import pickle
import zipfile

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from core.errors import ModelError
from training import export
from training.exporting import file_kinds
from training.exporting.file_kinds import kind_of, unpacked

HDF5 = b"\x89HDF\r\n\x1a\n"


def zipped(members, compression=zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (HDF5 + b"rest", "hdf5"),
        (b"\0" * 512 + HDF5, "hdf5"),  # with a user's block in front
        (b"\x1c\0\0\0TFL3....", "tflite"),
        (b"\x08\x07\x12\x07pytorch", "onnx"),
        (zipped({"config.json": "{}", "metadata.json": "{}", "model.weights.h5": ""}), "keras"),
    ],
)
def test_first_bytes_tell(content, kind):
    assert kind_of(content) == kind and unpacked(content) == (content, ())


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 11483648\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\x08", "is not a Keras file"),
        (LFS, "git lfs pull"),
        (b"\n\n<!DOCTYPE html><html>", "web page"),
        (b"<html lang=en>", "web page"),
        (pickle.dumps({"a": 1}), "torch.onnx.export"),
        (b"\x08\x01\x12\x80\x01", "SavedModel.*tf2onnx.convert --saved-model"),
        (b"\n\x0e\n\x07input_1\x12\x0b", "tf2onnx.convert --graphdef"),
        (b'{"format": "layers-model"}', "tensorflowjs_converter"),
        (b"\x89PNG\r\n\x1a\n", "is not a Keras file"),
    ],
)
def test_what_is_no_network_that_is_read_is_told_by_its_kind(content, said):
    with pytest.raises(ModelError, match=said):
        kind_of(content)


def test_a_zip_of_teachable_machine_gives_its_network_and_names():
    names = "0 With Mask\n1 Ohne Maske\n"
    assert unpacked(zipped({"keras_model.h5": HDF5, "labels.txt": names})) == (
        HDF5,
        ("With Mask", "Ohne Maske"),
    )
    assert unpacked(zipped({"x/model.tflite": b"net", "x/labels.txt": "a\nb"})) == (b"net", ("a", "b"))
    assert unpacked(zipped({"model.onnx": b"net", "readme.md": "x"})) == (b"net", ())


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"archive/data.pkl": "x"}, "torch.onnx.export"),
        ({"config.json": "{}", "metadata.json": '{"keras_version": "2.15.0"}'}, "Keras 2.15.0.*as HDF5"),
        ({"model.savedmodel/saved_model.pb": "x", "labels.txt": "0 a"}, "SavedModel.*Unpack it first"),
        ({"model.json": "{}", "weights.bin": "x"}, "tensorflowjs_converter.*Unpack"),
        ({"a.h5": "x", "b.h5": "x"}, "2 networks in it"),
        ({"photo.jpg": "x"}, "0 networks in it"),
        ({f"{i}.jpg": "x" for i in range(100)}, "more than 32 files"),
        ({"a.h5": zipped({"b.h5": "x"})}, "zip within a zip"),
    ],
)
def test_other_zips_are_refused(members, said):
    with pytest.raises(ModelError, match=said):
        unpacked(zipped(members))


def test_a_zip_that_grows_or_is_damaged_is_refused(monkeypatch):
    monkeypatch.setattr(file_kinds, "MAX_FILE_BYTES", 1000)
    with pytest.raises(ModelError, match="unpacks to more than"):
        unpacked(zipped({"a.h5": b"0" * 1001}))
    whole = zipped({"a.h5": b"0" * 900}, zipfile.ZIP_STORED)
    with pytest.raises(ModelError, match="damaged zip"):
        unpacked(whole[:-30])
    with pytest.raises(ModelError, match="damaged zip"):
        unpacked(whole.replace(b"0" * 100, b"1" * 100, 1))  # its sum does not fit


@pytest.mark.parametrize("told", [[], ["--labels=with_mask,without_mask"]])
def test_a_saved_model_is_refused_with_the_command_that_converts_it(tmp_path, capsys, told):
    folder = tmp_path / "mask detector.model"
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(b"\x08\x01")
    with pytest.raises(SystemExit) as stop:
        export.main([str(folder), "theirs", *told, "--models", str(tmp_path / "models")])
    said = capsys.readouterr().err
    assert stop.value.code == 1 and "may read and write any file" in said
    assert f"python -m tf2onnx.convert --saved-model '{folder}' --output mask-detector-model.onnx" in said
    assert not (tmp_path / "models").exists()
