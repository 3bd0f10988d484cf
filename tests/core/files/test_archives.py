"""Archives of untrusted files: what is in them is read in place, and what is built to harm is named."""

import io
import struct
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ImageError
from core.files.archives import ARCHIVE_SUFFIXES, MAX_MEMBERS, Member, is_archive, open_archive

MAX_BYTES = 4 * 2**20
FILES = {"a.jpg": b"first", "sub/b.png": b"second" * 1000, "c.txt": b"", "d.jpg": b"last"}
MODES = {
    ".tar": "w",
    ".tar.gz": "w:gz",
    ".tgz": "w:gz",
    ".tar.bz2": "w:bz2",
    ".tbz2": "w:bz2",
    ".tbz": "w:bz2",
}


def made(suffix, files=FILES):
    """The bytes of an archive of that kind."""
    buffer = io.BytesIO()
    if suffix == ".zip":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.mkdir("sub")
            for name, content in files.items():
                archive.writestr(name, content)
    else:
        with tarfile.open(fileobj=buffer, mode=MODES[suffix]) as archive:
            folder = tarfile.TarInfo("sub")
            folder.type = tarfile.DIRTYPE
            archive.addfile(folder)
            for name, content in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def opened(content, name="photos.zip", max_bytes=MAX_BYTES):
    return open_archive(io.BytesIO(content), name, max_bytes)


def problems(content, name="photos.zip", **options):
    return {member.name: member.problem for member in opened(content, name, **options).members()}


def until_it_breaks(archive):
    found = []
    with pytest.raises(ImageError) as broken:
        found.extend(archive.members())
    return found, str(broken.value)


@pytest.mark.parametrize("suffix", ARCHIVE_SUFFIXES)
def test_files_come_in_order_and_are_read_from_any_place(suffix):
    archive = opened(made(suffix), f"photos{suffix}")
    members = list(archive.members())
    assert [(m.name, m.size, m.problem) for m in members] == [(n, len(c), "") for n, c in FILES.items()]
    assert [m.at for m in members] == sorted({m.at for m in members})
    for member in (members[3], members[0], members[1]):  # a packed tar is begun anew
        assert archive.read(member.at, member.size, "x") == FILES[member.name]


@pytest.mark.parametrize("name", ["a.zip", "A.ZIP", "b.tar", "c.Tar.Gz", "d.tgz"])
def test_an_archive_is_known_by_its_name(name):
    assert is_archive(name)
    assert not is_archive(f"{name}.jpg")


@pytest.mark.parametrize(
    "name", ["../a.jpg", "/etc/a.jpg", "x/../../a.jpg", "..\\a.jpg", "C:\\a.jpg", "x/.."]
)
@pytest.mark.parametrize("suffix", [".zip", ".tar"])
def test_a_name_that_leads_out_is_named_and_not_read(suffix, name):
    assert "leads out" in problems(made(suffix, {name: b"x", "ok..jpg": b"y"}), f"p{suffix}")[name]
    assert problems(made(suffix, {"ok..jpg": b"y"}), f"p{suffix}") == {"ok..jpg": ""}


@pytest.mark.parametrize("suffix", [".zip", ".tar"])
def test_archives_in_archives_and_large_files_are_named(suffix):
    content = made(suffix, {"in.zip": b"PK", "in.tgz": b"", "big.jpg": bytes(100), "small.jpg": bytes(99)})
    found = problems(content, f"p{suffix}", max_bytes=99)
    assert "archive in an archive" in found["in.zip"] and "archive in an archive" in found["in.tgz"]
    assert "allowed" in found["big.jpg"] and found["small.jpg"] == ""


def test_links_and_devices_of_a_tar_are_named():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind in (
            ("l.jpg", tarfile.SYMTYPE),
            ("h.jpg", tarfile.LNKTYPE),
            ("d.jpg", tarfile.CHRTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert all("link or a device" in said for said in problems(buffer.getvalue(), "p.tar").values())


def test_links_and_encrypted_files_of_a_zip_are_named():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("l.jpg")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("locked.jpg", "x")
    content = bytearray(buffer.getvalue())
    entry = content.rfind(b"PK\1\2")
    content[entry + 8] |= 1
    found = problems(bytes(content))
    assert "is a link" in found["l.jpg"] and "encrypted" in found["locked.jpg"]


def test_what_unpacks_to_far_more_is_not_read():
    found, said = until_it_breaks(opened(made(".tar.gz", {"a": bytes(2**23), "b": bytes(2**23)}), "p.tar.gz"))
    assert found == [] or [m.name for m in found] == ["a"]
    assert "times its size" in said
    with pytest.raises(ImageError, match="times its size"):
        opened(made(".zip", {"a.bmp": bytes(2**23)}))


def test_one_packed_member_among_many_is_named_alone():
    import random

    noise = random.Random(0).randbytes(2**16)
    found = problems(made(".zip", {"a.jpg": noise, "bomb.bmp": bytes(3 * 2**20)}))
    assert "times its size" in found["bomb.bmp"] and found["a.jpg"] == ""


def test_members_that_share_bytes_are_refused():
    """A small zip of which each member is the whole: its sizes together are more than the file."""
    import random

    content = bytearray(made(".zip", {"a.jpg": random.Random(0).randbytes(5000), "b.jpg": b"b"}))
    second = content.rfind(b"PK\1\2")
    struct.pack_into("<L", content, second + 20, 5000)
    struct.pack_into("<L", content, second + 24, 5000)
    with pytest.raises(ImageError, match="times its size"):
        opened(bytes(content))


def test_a_zip_that_says_it_holds_too_many_is_refused_before_they_are_read():
    content = bytearray(made(".zip"))
    end = content.rfind(b"PK\5\6")
    struct.pack_into("<L", content, end + 12, 2**31)
    with pytest.raises(ImageError, match=f"{MAX_MEMBERS:,} files allowed"):
        opened(bytes(content))


def test_a_tar_of_too_many_files_is_read_up_to_the_bound(monkeypatch):
    monkeypatch.setattr("core.files.archives.MAX_MEMBERS", 3)
    found, said = until_it_breaks(opened(made(".tar"), "p.tar"))
    assert [m.name for m in found] == ["a.jpg", "sub/b.png"]  # the folder counts, too
    assert "more than 3 files" in said


def test_a_zip_that_ends_early_is_refused():
    with pytest.raises(ImageError, match="ends early"):
        opened(made(".zip")[:-10])


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.bz2"])
def test_of_a_tar_that_ends_early_the_files_before_are_read(suffix):
    import random

    files = {f"{n}.jpg": random.Random(n).randbytes(300_000) for n in range(8)}
    content = made(suffix, files)
    archive = opened(content[: len(content) // 2], f"p{suffix}")
    found, said = until_it_breaks(archive)
    assert 1 <= len(found) <= 5 and "ends early" in said
    assert archive.read(found[0].at, found[0].size, "x") == files["0.jpg"]
    with pytest.raises(ImageError, match=r"^p/last.jpg: cannot be read from its archive"):
        archive.read(len(content), 300_000, "p/last.jpg")


def test_a_member_whose_bytes_changed_is_refused():
    content = bytearray(made(".zip", {"a.jpg": b"first"}))
    content[content.find(b"a.jpg") + 5] ^= 0xFF
    archive = opened(bytes(content))
    with pytest.raises(ImageError, match=r"^x: cannot be read"):
        archive.read(0, 5, "x")


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_however_it_is_packed_it_is_read_and_refused_where_its_bytes_changed(packing):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as written:
        written.writestr("a.jpg", bytes(range(256)) * 9)
    content = buffer.getvalue()
    assert opened(content).read(0, 256 * 9, "x") == bytes(range(256)) * 9
    start = content.find(b"a.jpg") + 5
    refused = 0
    for at in range(start, content.find(b"PK\1\2")):
        changed = bytearray(content)
        changed[at] ^= 0xFF
        try:
            opened(bytes(changed)).read(0, 256 * 9, "x")
        except ImageError:
            refused += 1
    assert refused > 20


def test_a_zip_that_ends_early_is_not_taken_for_one_that_lay_in_it():
    inner = made(".zip", {"inner.jpg": b"first"})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:  # stored, as zips in zips are
        archive.writestr("in.zip", inner)
        archive.writestr("a.jpg", b"\xff" * 1000)
    content = buffer.getvalue()
    assert [*problems(content)] == ["in.zip", "a.jpg"]
    for length in (len(content) // 2, content.find(b"\xff" * 9) + 9):
        with pytest.raises(ImageError, match="ends early"):
            opened(content[:length])
    with_comment = bytearray(inner) + b"of Tuesday"
    with_comment[-12] = len(b"of Tuesday")
    for whole in (
        inner + bytes(512),
        b"#!/bin/sh\n" + inner,
        bytes(with_comment),
    ):  # padded, or one that unpacks itself
        assert [*problems(whole)] == ["inner.jpg"]


def test_names_of_a_mac_are_utf8_though_it_does_not_say_so():
    name = "Bu\u0308ro/日本.jpg"
    content = bytearray(made(".zip", {name: b"first", "a.jpg": b"second"}))
    assert [*problems(bytes(content))] == [name, "a.jpg"]
    flags = content.find(name.encode()) - 30 + 6, content.rfind(name.encode()) - 46 + 8
    for at in flags:
        content[at + 1] ^= 8
    archive = opened(bytes(content))
    found = list(archive.members())
    assert [member.name for member in found] == [name, "a.jpg"]
    assert archive.read(found[0].at, 5, "x") == b"first"


def test_a_pcs_names_are_a_pcs():
    content = made(".zip", {"Bxro.jpg": b"first"}).replace(b"Bxro", b"B\x81ro")
    assert [*problems(content)] == ["Büro.jpg"]


def test_a_file_without_a_name_keeps_no_other_from_being_read():
    content = made(".zip", {"a.jpg": b"first", "b.jpg": b"second"}).replace(b"a.jpg", b"\0.jpg")
    assert [member.name for member in opened(content).members()] == ["", "b.jpg"]


@pytest.mark.parametrize("size", [-1, -512, -1024])
def test_a_file_of_less_than_nothing_is_damage(size):
    content = bytearray(made(".tar", {"a.jpg": b"first", "b.jpg": b"second"}))
    at = content.find(b"b.jpg")
    content[at + 124 : at + 136] = tarfile.itn(size, 12, tarfile.GNU_FORMAT)
    content[at + 148 : at + 156] = b"%06o\0 " % (
        sum(content[at : at + 512]) - sum(content[at + 148 : at + 156]) + 256
    )
    found, said = until_it_breaks(opened(bytes(content), "p.tar"))
    assert [member.name for member in found] == ["a.jpg"] and "damaged" in said


def test_a_header_without_end_takes_no_memory():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("a")
        info.type, info.size = tarfile.XHDTYPE, 2**34
        buffer.write(info.tobuf())
        archive.offset = buffer.tell()
    _, said = until_it_breaks(opened(buffer.getvalue(), "p.tar"))
    assert "damaged" in said


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([".zip", ".tar", ".tar.gz", ".tar.bz2"]), st.data())
def test_no_damage_does_anything_but_refuse(suffix, data):
    content = bytearray(made(suffix))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        archive = opened(content, f"p{suffix}")
        members: list[Member] = list(archive.members())
    except ImageError:
        return
    for member in members:
        if not member.problem:
            try:
                assert len(archive.read(member.at, member.size, "x")) == member.size
            except ImageError as refused:
                assert str(refused).startswith("x:")
