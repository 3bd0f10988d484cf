"""What sources stand for: each picture once, by name, and whatever is wrong with a source is a row."""

import io
import os
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

from core.bulk.entries import Entry
from core.bulk.plan import JobPlan
from core.bulk.reading import PictureReader
from core.bulk.sources import Finder, names_in
from core.errors import ImageError, JobError
from tests.conftest import ROOT


@pytest.fixture
def look(tmp_path, monkeypatch):
    """What sources stand for, seen from `tmp_path`: names, problems, videos, what is passed over."""
    monkeypatch.chdir(tmp_path)

    def found(*sources, recursive=True, stdin=b"", never=()):
        plan = JobPlan.new(tmp_path / "plan.sqlite")
        finder = Finder(plan, recursive=recursive, stdin=io.BytesIO(stdin), never=never)
        finder.find(sources)
        plan.finish(3)
        entries = [entry for number, _ in plan.parts() for entry in plan.part(number).entries]
        assert len(entries) == len(plan)
        problems = {entry.name: entry.problem for entry in entries if entry.problem}
        videos = list(plan.videos())
        plan.close()
        return [entry.name for entry in entries if not entry.problem], problems, videos, finder.passed_over

    return found


def make(*names, content=b"x"):
    for name in map(os.fsdecode, names):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content)


def test_a_folder_stands_for_its_pictures_and_with_recursive_for_those_in_its_folders(look):
    make("p/b.jpg", "p/a.PNG", "p/sub/c.webp", "p/notes.txt", "p/film.MOV", "p/.hidden.jpg")
    assert look("p", recursive=False) == (
        ["p/a.PNG", "p/b.jpg"],
        {},
        ["p/film.MOV"],
        Counter({"other files": 1, "folders inside": 1, "files that systems leave behind": 1}),
    )
    assert look("p")[0] == ["p/a.PNG", "p/b.jpg", "p/sub/c.webp"]


def test_a_picture_without_a_suffix_is_known_by_its_first_bytes(look):
    make("p/IMG_1", content=b"\xff\xd8\xff and so on")
    make("p/README", "p/Thumbs.db")
    names, _, _, passed_over = look("p")
    assert names == ["p/IMG_1"]
    assert passed_over == {"other files": 1, "files that systems leave behind": 1}


def test_a_name_that_comes_twice_is_there_once(look):
    make("p/a.jpg")
    assert look("p", "p/a.jpg", "p/*.jpg", "-", stdin=b"p/a.jpg\n")[0] == ["p/a.jpg"]


def test_however_a_name_is_spelled_it_is_one_picture_and_shown_as_it_was_given_first(look):
    make("p/a.jpg", "p/film.mp4", "b.jpg")
    names, _, videos, _ = look("./p//a.jpg", "p", "./p/film.mp4", "-", stdin=b"p/./a.jpg\n./b.jpg\n")
    assert names == ["./b.jpg", "./p//a.jpg"] and videos == ["p/film.mp4"]
    assert look(".", recursive=True)[0] == ["b.jpg", "p/a.jpg"]  # as folders in it are called


@pytest.mark.parametrize("top", [".photos", "lost+found", "~$x", "__pycache__/in/it"])
def test_a_folder_that_is_named_is_looked_into_whatever_it_is_called(look, top):
    make(
        f"{top}/a.jpg", f"{top}/sub/b.jpg", f"{top}/.hidden.jpg", f"{top}/@eaDir/a.jpg", f"{top}/.trash/a.jpg"
    )
    names = [f"{top}/a.jpg", f"{top}/sub/b.jpg"]
    assert look(top)[0] == look(f"{top}/")[0] == names
    assert look(f"{top}/**/*.jpg")[0] == names and look(f"{top}/*.jpg")[0] == names[:1]
    assert look(f"{top}/*/*.jpg")[0] == names[1:] and look(f"{top}/*")[0] == names
    make(f"{top}/film.mp4")
    assert look(f"{top}/film.mp4")[2] == [f"{top}/film.mp4"]


@pytest.mark.parametrize("named", ["s3://b/.x", "s3://b/.x/", "s3://b/.x/*", "s3://b/.x/**/a*"])
def test_so_is_one_of_an_object_store(look, monkeypatch, named):
    objects = [(f"s3://b/.x/{name}", 1) for name in ("a.jpg", "y/a1.jpg", ".hidden.jpg", ".trash/a.jpg")]
    monkeypatch.setattr("core.bulk.storage.find", lambda address, recursive: iter(objects))
    assert look(named)[0] == ["s3://b/.x/a.jpg", "s3://b/.x/y/a1.jpg"]


def test_a_file_that_is_named_is_taken_whatever_its_name(look):
    make("picture")
    names, problems, _, _ = look("picture", "absent.jpg", "https://example.org/a.jpg")
    assert names == ["absent.jpg", "https://example.org/a.jpg", "picture"] and problems == {}


def test_patterns(look):
    make("p/a.jpg", "p/x/b.jpg", "p/x/y/c.jpg", "p/x/y/c.png", "q/d.jpg", "odd[1].jpg")
    assert look("p/*.jpg")[0] == ["p/a.jpg"]
    assert look("p/**/*.jpg", recursive=False)[0] == ["p/a.jpg", "p/x/b.jpg", "p/x/y/c.jpg"]
    assert look("**/c.*", recursive=False)[0] == ["p/x/y/c.jpg", "p/x/y/c.png"]
    assert look("p/**/*.png", "p/**/*.jpg")[0] == ["p/a.jpg", "p/x/b.jpg", "p/x/y/c.jpg", "p/x/y/c.png"]
    assert look("p/**")[0] == look("p/**/**")[0] == look("p/**/*")[0]
    assert look("p/**")[0] == ["p/a.jpg", "p/x/b.jpg", "p/x/y/c.jpg", "p/x/y/c.png"]
    assert look("?/x", recursive=False)[0] == ["p/x/b.jpg"]  # a folder
    assert look("odd[1].jpg")[0] == ["odd[1].jpg"]  # which is there under that very name
    make("x [1]/a.jpg", "x [1]/y*/b.jpg", "x 1/a.jpg")
    assert look("x [1]/*.jpg")[0] == ["x [1]/a.jpg"] and look("x [12]/*.jpg")[0] == ["x 1/a.jpg"]
    assert look("x [1]/**/*.jpg")[0] == ["x [1]/a.jpg", "x [1]/y*/b.jpg"]
    assert look("x [1]/y*/*.jpg")[0] == ["x [1]/y*/b.jpg"]
    here = Path.cwd()
    assert look(f"{here}/x [1]/y*/?.jpg")[0] == [f"{here}/x [1]/y*/b.jpg"]
    for absent in ("x [1]/absent.jpg", "absent/*/a.jpg", "x" * 300 + "/*.jpg", "x" * 300 + "*.jpg"):
        assert list(look(absent)[1]) == [absent]
    assert "cannot be listed" in look("absent/**/*.jpg")[1]["absent"]
    assert "no picture has such a name" in look("nothing*.jpg")[1]["nothing*.jpg"]


def test_loops_of_links_end_and_what_lies_there_twice_comes_once(look):
    make("p/a.jpg", "p/sub/b.jpg")
    for link, target in (("p/sub/up", "../.."), ("p/again", "sub"), ("p/x.jpg", "x.jpg")):
        Path(link).symlink_to(target)
    names, problems, _, _ = look("p")
    assert names == ["p/a.jpg", "p/sub/b.jpg", "p/x.jpg"] and problems == {}
    assert look("p/**/*.jpg")[0] == names
    with pytest.raises(ImageError, match=r"^p/x.jpg: cannot be read \(Too many levels"):
        PictureReader().read(Entry("p/x.jpg"))


def test_a_folder_that_a_link_leads_to_is_looked_into(look):
    make("elsewhere/a.jpg", "p/b.jpg")
    Path("p/linked").symlink_to("../elsewhere")
    assert look("p")[0] == ["p/b.jpg", "p/linked/a.jpg"]


def test_a_folder_that_cannot_be_listed_is_a_failure_and_the_others_are_looked_into(look, monkeypatch):
    make("p/a.jpg", "p/locked/b.jpg")
    real = os.scandir

    def scandir(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")  # root may list anything
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    names, problems, _, _ = look("p")
    assert names == ["p/a.jpg"]
    assert problems == {"p/locked": "p/locked: cannot be listed (Permission denied). Check its permissions."}


def test_names_that_are_no_utf8_are_shown_as_escapes_and_read(look):
    make(b"p/\xff.jpg", b"p/a\nb.jpg", content=b"content")
    assert look("p")[0] == ["p/a\nb.jpg", "p/\\xff.jpg"]
    assert PictureReader().read(Entry("p/\udcff.jpg")) == b"content"


def test_a_list_on_standard_input_may_name_anything(look):
    make("p/a.jpg", "q/b.jpg", b"\xff.jpg")
    names, _, videos, _ = look("-", stdin=b"p\nq/*.jpg\r\n\xff.jpg\n\nfilm.mp4\nabsent.jpg")
    assert names == ["absent.jpg", "p/a.jpg", "q/b.jpg", "\\xff.jpg"] and videos == ["film.mp4"]
    assert look("-", stdin=b"p/a.jpg\0a\nb.jpg\0")[0] == ["a\nb.jpg", "p/a.jpg"]


def test_a_system_of_ascii_reads_archives_and_lists_of_other_names(tmp_path):
    path = tmp_path / "日本.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("日本.jpg", "content")
    script = f"""if True:
        import io, sys
        from pathlib import Path
        from core.bulk.plan import JobPlan
        from core.bulk.reading import PictureReader
        from core.bulk.sources import Finder
        assert sys.getfilesystemencoding() != "utf-8"
        plan = JobPlan.new(Path({str(tmp_path / "plan")!r}))
        names = bytes.fromhex({str(path).encode("utf-16").hex()!r})
        Finder(plan, recursive=False, stdin=io.BytesIO(names)).find(["-"])
        plan.finish(1)
        (entry,) = plan.part(0).entries
        print(ascii(entry.name), PictureReader().read(entry))"""
    ascii_alone = os.environ | {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=ascii_alone, capture_output=True, text=True
    )
    assert done.stdout == f"{str(path) + '/日本.jpg'!a} b'content'\n", done.stderr


def test_a_list_is_read_in_pieces():
    names = [f"{n:06d}.jpg" for n in range(20_000)]
    assert list(names_in(io.BytesIO("\n".join(names).encode()))) == names
    assert list(names_in(io.BytesIO("\0".join([*names, ""]).encode()))) == names
    assert list(names_in(io.BytesIO(b""))) == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_list_that_was_made_on_windows_is_read(encoding):
    names = [f"Büro\\{n:06d}.jpg" for n in range(9_000)]
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    assert list(names_in(io.BytesIO((mark + "\r\n".join(names)).encode(encoding)))) == names
    assert list(map(os.fsencode, names_in(io.BytesIO(b"\xff\xfe.jpg\nb")))) == [b"\xff\xfe.jpg", b"b"]


def test_archives_are_looked_into_where_they_lie(look):
    make("p/a.jpg")
    with zipfile.ZipFile("p/z.zip", "w") as archive:
        for name in (
            "z2.jpg",
            "z1.jpg",
            "__MACOSX/._z1.jpg",
            "notes.txt",
            "film.mp4",
            "in.zip",
            "../out.jpg",
        ):
            archive.writestr(name, name)
    with tarfile.open("p/t.tar.gz", "w:gz") as archive:
        for name in ("t2.jpg", "t1.jpg"):
            info = tarfile.TarInfo(name)
            info.size = len(name)
            archive.addfile(info, io.BytesIO(name.encode()))
    names, problems, videos, passed_over = look("p")
    assert names == ["p/a.jpg", "p/t.tar.gz/t2.jpg", "p/t.tar.gz/t1.jpg", "p/z.zip/z2.jpg", "p/z.zip/z1.jpg"]
    assert problems == {
        "p/z.zip/in.zip": "p/z.zip/in.zip: is an archive in an archive, which is not opened. "
        "Unpack it, and name it by itself.",
        "p/z.zip/../out.jpg": "p/z.zip/../out.jpg: its name leads out of the archive, so it is not read.",
    }
    assert videos == ["p/z.zip/film.mp4"]
    assert passed_over == {"other files": 1, "files that systems leave behind": 1}


def test_what_is_in_an_archive_is_read_from_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.jpg", "b.jpg"):
            archive.writestr(name, name * 100)
    plan = JobPlan.new(tmp_path / "plan")
    Finder(plan, recursive=False).find(["z.zip"])
    plan.finish(10)
    reader = PictureReader()
    found = [reader.read(entry) for entry in plan.part(0).entries]
    assert found == [b"a.jpg" * 100, b"b.jpg" * 100]
    reader.close()
    plan.close()


def test_an_archive_that_ends_early_is_a_failure_after_what_it_holds(look):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for n in range(3):
            info = tarfile.TarInfo(f"{n}.jpg")
            info.size = 2000
            archive.addfile(info, io.BytesIO(bytes(2000)))
    make("t.tar", content=buffer.getvalue()[:4000])
    make("z.zip", content=b"PK\3\4 and no more")
    names, problems, _, _ = look("t.tar", "z.zip", "absent.zip")
    assert names == ["t.tar/0.jpg", "t.tar/1.jpg"]
    assert "ends early or is damaged. What lies before that is read." in problems["t.tar"]
    assert "ends early" in problems["z.zip"]
    assert "cannot be read (No such file" in problems["absent.zip"]


def test_folders_that_the_job_writes_to_are_not_looked_into(look, tmp_path):
    make("p/a.jpg", "p/drawn/a.jpg")
    names, _, _, passed_over = look("p", never=[tmp_path / "p/drawn"])
    assert names == ["p/a.jpg"] and passed_over == {"folders that are drawn into": 1}


@pytest.mark.parametrize("source", ["p", "./p/", "p/**/*.jpg"])
def test_a_folder_is_not_checked_and_drawn_into(look, tmp_path, source):
    make("p/a.jpg")
    with pytest.raises(JobError, match=r"^p: drawn pictures would be written among those that are checked"):
        look(source, never=[tmp_path / "p"])


def test_a_pipe_and_a_file_too_large_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.jpg")
    with Path("large.jpg").open("wb") as file:
        file.truncate(65 * 2**20)
    with pytest.raises(ImageError, match="not a plain file"):
        PictureReader().read(Entry("pipe.jpg"))
    with pytest.raises(ImageError, match="more than the 64 MB allowed"):
        PictureReader().read(Entry("large.jpg"))


@pytest.mark.skipif(find_spec("s3fs") is not None, reason="s3fs is installed")
def test_an_object_store_whose_package_is_not_there_says_which(look):
    with pytest.raises(JobError, match=r"s3:// needs s3fs.*requirements-storage.txt"):
        look("s3://bucket/a.jpg")
