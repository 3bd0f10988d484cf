"""Our own readers, fed by hypothesis: whatever comes, an answer or an error in words. Never anything else."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ImageError, MaskwiseError, RecordError
from core.images.fetch import FetchReach, fetch_image, shown_url
from core.images.parts import is_plain, too_many_parts
from core.models.card import CARD_FILE, read_card
from core.models.operating_points import OPERATING_POINT_FILE, read_operating_point
from core.runs.face_folder import FACES_FILE, located, read_face_folder
from core.runs.label_fixes import COLUMNS, read_fixes
from core.runs.scene_folder import scene_picture
from core.text import printable

MODELS = Path(__file__).parents[2] / "models"
CARD = read_card(MODELS / "mask3")
NO_NETWORK = FetchReach(resolve=lambda host, port: [])
# The same inputs in every run, and no file of them; a folder is used again and again.
anything = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
texts = st.text(max_size=60)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
plain_json = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20
)


def in_words(problem: MaskwiseError) -> bool:
    return str(problem).endswith(".") and " " in str(problem)


# --- pictures -----------------------------------------------------------------------------------

jpeg = st.lists(
    st.sampled_from([0xC0, 0xC2, 0xDA, 0xE1, 0xE2, 0xFE, 0xFF, 0x00, 0x01, 0xD0, 0xD8, 0xD9]).flatmap(
        lambda marker: st.binary(max_size=20).map(
            lambda body: bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body
        )
    )
    | st.binary(max_size=9)
).map(lambda parts: b"\xff\xd8" + b"".join(parts))
png = st.lists(
    st.tuples(
        st.sampled_from([b"IHDR", b"IDAT", b"tEXt", b"odd!"]), st.binary(max_size=20), st.integers(0, 9)
    )
).map(
    lambda parts: (
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(b) + off) + n + b + struct.pack(">I", zlib.crc32(n + b))
            for n, b, off in parts
        )
    )
)
tiff = st.tuples(st.sampled_from([b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"]), st.binary(max_size=200)).map(
    b"".join
)
gif = st.binary(max_size=100).map(lambda rest: b"GIF89a" + rest)


@anything
@given(jpeg | png | tiff | gif | st.binary(max_size=300))
def test_parts_of_anything_are_counted(data):
    assert too_many_parts(data) in (True, False)
    assert is_plain(data) in (True, False)


@anything
@given(st.integers(0, 6000), st.binary(min_size=2, max_size=9))
def test_a_jpegs_segments_are_counted_as_they_are(count, body):
    part = b"\xff\xfe" + struct.pack(">H", len(body) + 2) + body
    assert too_many_parts(b"\xff\xd8" + part * count + b"\xff\xda\0\2") is (count + 1 > 5000)


@anything
@given(st.text(), st.integers(9, 200))
def test_any_name_is_one_bounded_line(text, longest):
    shown = printable(text, longest)
    assert 0 < len(shown) <= longest and len(shown.splitlines()) == 1


# --- addresses ----------------------------------------------------------------------------------

addresses = st.text(max_size=80) | st.tuples(
    st.sampled_from(["http://", "https://", "HTTP://", "ftp://", "//", ""]),
    st.text(max_size=20)
    | st.sampled_from(["127.0.0.1", "[::1]", "a@b", "xn--", "1.1.1.1:99999", "[fe80::1%1]"]),
    st.text(max_size=30),
).map("".join)


@anything
@given(addresses)
def test_no_address_reaches_anything_where_nothing_is_known(url):
    with pytest.raises(ImageError) as raised:
        fetch_image(url, reach=NO_NETWORK)
    assert in_words(raised.value) and len(shown_url(url)) <= 120


@anything
@given(st.text("abcdefgh", min_size=4), st.text("klmnop", min_size=4), st.text("stuvwx", min_size=4))
def test_no_message_holds_a_password_or_a_query(user, password, query):
    shown = shown_url(f"https://{user}:{password}@example.org/yz.jpg?{query}#{query}")
    assert shown == "https://example.org/yz.jpg?…"


# --- records ------------------------------------------------------------------------------------


def changed(plain: object, steps: list[int], to: object) -> object:
    """A copy in which one value, found by walking so, is another."""
    if not steps or not isinstance(plain, dict | list) or not plain:
        return to
    if isinstance(plain, list):
        at = steps[0] % len(plain)
        return [*plain[:at], changed(plain[at], steps[1:], to), *plain[at + 1 :]]
    key = sorted(plain)[steps[0] % len(plain)]
    return {**plain, key: changed(plain[key], steps[1:], to)}


walks = st.lists(st.integers(0, 30), min_size=1, max_size=5)


@anything
@given(walks, plain_json)
def test_any_value_in_a_model_card(tmp_path, steps, to):
    plain = json.loads((MODELS / "mask3" / CARD_FILE).read_text())
    (tmp_path / CARD_FILE).write_text(json.dumps(changed(plain, steps, to)))
    try:
        assert read_card(tmp_path).label_set
    except RecordError as problem:
        assert in_words(problem)


@anything
@given(
    plain_json | st.fixed_dictionaries({"min_margin": scalars, "weights_sha256": scalars, "schema": scalars})
)
def test_any_operating_point(tmp_path, plain):
    (tmp_path / OPERATING_POINT_FILE).write_text(json.dumps(plain))
    with pytest.raises(RecordError) as raised:
        read_operating_point(tmp_path, CARD)
    assert in_words(raised.value)


@anything
@given(st.binary(max_size=200) | plain_json.map(lambda plain: json.dumps(plain).encode()))
def test_any_index_of_faces(tmp_path, data):
    (tmp_path / FACES_FILE).write_bytes(data)
    with pytest.raises(RecordError) as raised:
        read_face_folder(tmp_path)
    assert in_words(raised.value)


cells = st.sampled_from(["1", "-0.5", "nan", "1e999", "'=1", '"', ""]) | texts


@anything
@given(
    st.binary(max_size=100)
    | st.lists(st.lists(cells, max_size=9).map(",".join)).map(
        lambda rows: "\n".join([",".join(COLUMNS), *rows]).encode(errors="replace")
    )
)
def test_any_table_of_label_fixes(tmp_path, data):
    path = tmp_path / "fixes.csv"
    path.write_bytes(data)
    try:
        fixes, problems = read_fixes(path)
        assert all(fix.right_label for fix in fixes) and all("line" in problem for problem in problems)
    except RecordError as problem:
        assert in_words(problem)


@anything
@given(
    st.text(max_size=60) | st.sampled_from(["../x", "a/..", "a/b/c", "a\\b/c", "\0/a", "~", "a" * 300 + "/b"])
)
def test_any_name_of_a_picture_in_a_folder(tmp_path, key):
    with pytest.raises(ImageError) as raised:
        scene_picture(tmp_path / "scenes", key)
    assert in_words(raised.value)


@anything
@given(st.text(max_size=60) | st.sampled_from(["~nobody/x", "\0", "a" * 5000]))
def test_any_path_that_a_person_types(text):
    try:
        assert located(text).is_dir()
    except RecordError as problem:
        assert in_words(problem)
