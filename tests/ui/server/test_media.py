"""Addresses of pictures: of one visit, not to be guessed, and gone in time."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.media_file_storage import MediaFileKind, MediaFileStorageError

from ui.server import media
from ui.server.media import FETCHED_WITHIN, Media, for_visit
from ui.server.memory import DOWNLOAD, HELD

PICTURE = (b"picture", "image/jpeg", MediaFileKind.MEDIA)


@pytest.fixture
def storage(monkeypatch):
    """With `now`, and `visit` whose script runs."""
    made = Media(clock=lambda: made.now)
    made.now, made.visit = 0.0, "a"
    monkeypatch.setattr(
        media,
        "get_script_run_ctx",
        lambda **_: SimpleNamespace(session_id=made.visit) if made.visit else None,
    )
    yield made
    for visit in "ab":
        HELD.drop_visit(visit)


def test_a_picture_keeps_its_address_in_its_visit(storage):
    assert storage.load_and_get_id(*PICTURE) == storage.load_and_get_id(*PICTURE)


def test_who_has_the_same_picture_does_not_learn_where_anothers_lies(storage):
    mine = storage.load_and_get_id(*PICTURE)
    storage.visit = "b"
    assert storage.load_and_get_id(*PICTURE) != mine
    assert Media().load_and_get_id(*PICTURE) != storage.load_and_get_id(*PICTURE)  # nor after a restart
    storage.forget("b")
    assert storage.get_file(mine).content == b"picture"


def test_an_address_is_long_and_ends_as_its_type_does(storage):
    file_id = storage.load_and_get_id(*PICTURE)
    assert len(file_id) == 64 and storage.get_url(file_id) == f"/media/{file_id}.jpg"
    assert storage.get_file(f"{file_id}.jpg").mimetype == "image/jpeg"


@pytest.mark.parametrize("name", ["", "x", "../x.jpg"])
def test_what_is_not_there_is_refused(storage, name):
    with pytest.raises(MediaFileStorageError):
        storage.get_file(name)


def test_no_file_of_the_machine_is_served(storage, tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"x")
    with pytest.raises(MediaFileStorageError):
        storage.load_and_get_id(str(tmp_path / "x.jpg"), "image/jpeg", MediaFileKind.MEDIA)


def test_a_picture_goes_with_its_visit_or_its_element(storage):
    one, two = storage.load_and_get_id(*PICTURE), storage.load_and_get_id(b"two", *PICTURE[1:])
    storage.delete_file(one)
    storage.delete_file("never there")
    assert storage.visits() == {"a"}
    storage.forget("a")
    assert storage.visits() == set()
    with pytest.raises(MediaFileStorageError):
        storage.get_file(two)


def test_a_download_is_its_visits_and_goes_when_nobody_fetches_it(storage):
    made = for_visit(lambda: b"zip")
    storage.visit = None  # its button is pressed where no script runs
    file_id = storage.load_and_get_id(made(), "application/zip", MediaFileKind.DOWNLOADABLE, "p.zip")
    assert storage.get_file(file_id).visit == "a" and "a" in HELD.visits()
    storage.now = FETCHED_WITHIN
    assert not storage.forget_old() and storage.get_file(file_id).filename == "p.zip"
    storage.now += 0.1
    with pytest.raises(MediaFileStorageError):
        storage.get_file(file_id)
    assert storage.forget_old() and "a" not in HELD.visits()


def test_a_visit_has_one_download_at_a_time(storage):
    first, second = (
        storage.load_and_get_id(data, "application/zip", MediaFileKind.DOWNLOADABLE) for data in (b"1", b"22")
    )
    assert storage.get_file(second).content == b"22" and HELD._bytes["a"] == {DOWNLOAD: 2}
    with pytest.raises(MediaFileStorageError):
        storage.get_file(first)
