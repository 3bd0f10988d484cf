import json
import time

import pytest

from core.errors import RecordError
from core.records.store import Record, file_stamp, read_record, read_text, write_json, write_text


class Toy(Record):
    n: int
    share: float = 0.5


def test_round_trip_and_no_temporary_file_left(tmp_path):
    write_json(tmp_path / "new" / "toy.json", Toy(n=3, share=float("nan")))
    again = read_record(tmp_path / "new" / "toy.json", Toy)
    assert again.n == 3 and again.share != again.share
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["toy.json"]


def test_a_failed_write_keeps_the_old_record(tmp_path):
    path = tmp_path / "toy.json"
    write_json(path, Toy(n=1))
    with pytest.raises(TypeError):
        write_json(path, {"n": object()})
    assert read_record(path, Toy).n == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b'{"n": "three"}', "n: .*integer"),
        (b'{"n": 3, "more": 1}', "more: "),
        (b"{}", "n: .*required"),
    ],
)
def test_a_broken_record_names_file_field_and_remedy(tmp_path, content, says):
    path = tmp_path / "toy.json"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=says) as problem:
        read_record(path, Toy)
    assert "toy.json" in str(problem.value) and "Maskwise" in str(problem.value)


def test_a_huge_record_is_not_read(tmp_path):
    path = tmp_path / "huge.json"
    path.write_text(json.dumps("x" * 1000))
    with pytest.raises(RecordError, match="more than the 100 bytes allowed"):
        read_text(path, max_bytes=100)


def test_an_absent_record_is_named(tmp_path):
    with pytest.raises(RecordError, match=r"nothing\.json: cannot be read"):
        read_text(tmp_path / "nothing.json")


class Named(Record):
    n: dict[str, int]


def test_a_million_wrong_fields_are_refused_in_a_moment_and_in_few_words(tmp_path):
    path = tmp_path / "toy.json"
    path.write_text(json.dumps({"n": {f"a{i}": "x" for i in range(300_000)}}))
    start = time.perf_counter()
    with pytest.raises(RecordError, match="300,000 fields are wrong") as problem:
        read_record(path, Named)
    assert time.perf_counter() - start < 5  # making all those errors takes longer still
    path.write_text(json.dumps({"n": {"a" * 1_000_000: "x"}}))
    with pytest.raises(RecordError) as problem:
        read_record(path, Named)
    assert len(str(problem.value)) < 1000


def test_a_stamp_tells_that_a_record_was_written_and_refuses_what_is_none(tmp_path):
    path = tmp_path / "a.json"
    write_text(path, "one")
    first = file_stamp(path)
    assert file_stamp(path) == first
    write_text(path, "two")
    assert file_stamp(path) != first
    (tmp_path / "link.json").symlink_to(path)
    assert file_stamp(tmp_path / "link.json") == file_stamp(path)
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "out.json").symlink_to(path)
    for bad in (inner / "out.json", inner, tmp_path / "none.json"):
        with pytest.raises(RecordError, match="cannot be read"):
            file_stamp(bad)
