"""Object stores: a real S3 server on this machine (moto's), and a bucket without rights.

Runs where these are installed: pip install -r requirements-storage.txt "moto[server]"
"""

import io
import zipfile

import pytest

from core.bulk import Job, LocalEngine, run_job
from tests.core.bulk.in_process import NO_FACE, ONE_FACE, OPTIONS, InProcess, rows_in
from tests.core.bulk.s3_server import require, s3_server

require()
pytestmark = [pytest.mark.storage, pytest.mark.filterwarnings("ignore")]  # of the clients' own


@pytest.fixture
def bucket():
    with s3_server() as put:
        yield put


def answered(tmp_path, *sources, engine=InProcess, name="r"):
    output = tmp_path / f"{name}.parquet"
    summary = run_job(Job(sources, output, OPTIONS, recursive=True), engine, said=io.StringIO())
    failures = {
        row["picture"]: row["reason"] for row in rows_in(output.with_name(f"{name}.failures.parquet"))
    }
    return {row["picture"]: row["label"] for row in rows_in(output)}, failures, summary


def test_pictures_of_a_bucket_are_those_of_a_folder(bucket, tmp_path):
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("in/z.jpg", ONE_FACE)
    for key, content in {
        "a.jpg": ONE_FACE,
        "sub/b.jpg": ONE_FACE,
        "sub/none.jpg": NO_FACE,
        "sub/empty.jpg": b"",
        "sub/film.mp4": b"",
        "photos.zip": zipped.getvalue(),
    }.items():
        bucket(key, content)
    expected = {
        "s3://photos/a.jpg": "without_mask",
        "s3://photos/photos.zip/in/z.jpg": "without_mask",
        "s3://photos/sub/b.jpg": "without_mask",
        "s3://photos/sub/none.jpg": None,
    }
    rows, failures, summary = answered(tmp_path, "s3://photos/")
    assert rows == expected and summary["videos"] == 1
    assert list(failures) == ["s3://photos/sub/empty.jpg"]
    assert "is empty" in failures["s3://photos/sub/empty.jpg"]
    processes, _, _ = answered(
        tmp_path, "s3://photos", engine=lambda options: LocalEngine(options, 2), name="processes"
    )
    assert processes == expected


def test_one_object_a_pattern_and_what_is_not_there(bucket, tmp_path):
    for key in ("a.jpg", "b.jpg", "c.png"):
        bucket(f"x/{key}", NO_FACE)
    assert list(answered(tmp_path, "s3://photos/x/a.jpg", name="one")[0]) == ["s3://photos/x/a.jpg"]
    rows, failures, _ = answered(tmp_path, "s3://photos/x/*.jpg", "s3://photos/absent.jpg", "s3://no-bucket/")
    assert list(rows) == ["s3://photos/x/a.jpg", "s3://photos/x/b.jpg"]
    assert set(failures) == {"s3://photos/absent.jpg", "s3://no-bucket/"}
    assert all("there is nothing of that name" in reason for reason in failures.values())


def test_a_bucket_without_rights_is_a_failure_and_the_others_are_answered(bucket, tmp_path, monkeypatch):
    import s3fs

    bucket("a.jpg", ONE_FACE)
    listing = "_lsdir"  # what s3fs itself lists with: the server of the tests knows no rights
    real = getattr(s3fs.S3FileSystem, listing)

    async def refuse(self, path, *arguments, **options):
        if path.startswith("locked"):
            raise PermissionError("Access Denied")
        return await real(self, path, *arguments, **options)

    monkeypatch.setattr(s3fs.S3FileSystem, listing, refuse)
    rows, failures, _ = answered(tmp_path, "s3://locked/photos", "s3://photos/a.jpg")
    assert list(rows) == ["s3://photos/a.jpg"]
    assert "no right to read it" in failures["s3://locked/photos"]
