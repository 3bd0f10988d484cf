"""Addresses of pictures: of one visit, not to be guessed, and gone in time."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.media_file_storage import MediaFileKind, MediaFileStorageError

from core.errors import NoRoomError
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


def download(storage, data):
    return storage.load_and_get_id(data, "application/zip", MediaFileKind.DOWNLOADABLE)


def test_downloads_whose_buttons_are_pressed_together_are_all_there(storage):
    first, second = download(storage, b"1"), download(storage, b"22")
    storage.now = 30.0
    assert download(storage, b"1") == first  # once more, and its time begins anew
    assert HELD._bytes["a"] == {DOWNLOAD: 3}
    storage.now = FETCHED_WITHIN + 1
    assert storage.forget_old() and HELD._bytes["a"] == {DOWNLOAD: 1}
    assert storage.get_file(first).content == b"1"
    with pytest.raises(MediaFileStorageError):
        storage.get_file(second)
    storage.forget("a")
    assert "a" not in HELD.visits()


def test_other_visitors_pages_end_no_download_before_its_time(storage):
    """Streamlit takes what no page shows for forgotten when anybody's script has run twice."""
    made = download(storage, b"zip")
    storage.delete_file(made)
    assert storage.get_file(made).content == b"zip"


def test_downloads_of_a_visit_take_no_more_than_a_visit_may(storage, monkeypatch):
    monkeypatch.setattr(HELD, "a_visit", 10)
    first, second, third = (download(storage, data) for data in (b"1" * 6, b"2" * 4, b"3" * 5))
    assert HELD._bytes["a"] == {DOWNLOAD: 9}
    assert storage.get_file(second) and storage.get_file(third)
    with pytest.raises(MediaFileStorageError):
        storage.get_file(first)


def test_a_download_takes_the_place_of_the_last_where_the_server_is_full(storage, monkeypatch):
    monkeypatch.setattr(HELD, "in_all", HELD.total() + 10)
    first, second = download(storage, b"1" * 6), download(storage, b"2" * 6)
    assert storage.get_file(second) and HELD._bytes["a"] == {DOWNLOAD: 6}
    with pytest.raises(MediaFileStorageError):
        storage.get_file(first)
    with pytest.raises(NoRoomError):
        download(storage, b"3" * 11)
    assert HELD._bytes.get("a", {}).get(DOWNLOAD, 0) == sum(
        len(file.content) for file in storage._files.values()
    )
