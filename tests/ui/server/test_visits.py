"""When a visit ends, and what then goes with it."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.app_session import AppSessionState
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from ui.server import visits
from ui.server.memory import HELD
from ui.server.uploads import RECORD_BYTES, Uploads
from ui.server.visits import Closed


class Session:
    """Of Streamlit's, what the end of a visit asks for."""

    def __init__(self, name: str) -> None:
        self.id, self.ended = name, 0
        self.session_state = {"picture": b"..."}

    def shutdown(self) -> None:
        self.ended += 1


def closed_tab(name: str) -> SimpleNamespace:
    return SimpleNamespace(session=Session(name), client=None)


@pytest.fixture
def closed() -> Closed:
    made = Closed(120, clock=lambda: made.now)
    made.now = 0.0
    return made


def test_a_visit_ends_two_minutes_after_its_tab_closed_and_not_before(closed):
    info = closed_tab("a")
    closed.save(info)
    closed.now = 119.0
    assert closed.end_over() == 0 and closed.get("a") is info
    closed.now = 120.0
    assert closed.end_over() == 1
    assert closed.get("a") is None and closed.list() == []
    assert info.session.ended == 1 and not info.session.session_state


def test_who_comes_back_starts_the_two_minutes_anew(closed):
    info = closed_tab("a")
    closed.save(info)
    closed.now = 100.0
    closed.delete("a")  # as Streamlit does when the tab is back
    closed.delete("a")
    closed.now = 130.0
    assert closed.end_over() == 0 and info.session.ended == 0
    closed.save(info)
    closed.now = 249.0
    assert closed.end_over() == 0
    closed.now = 250.0
    assert closed.end_over() == 1


@pytest.mark.parametrize(("most", "files_for"), [(2, 100), (100, 2)])
def test_a_flood_of_tabs_ends_the_one_closed_first(most, files_for, closed, monkeypatch):
    monkeypatch.setattr(visits, "MOST_CLOSED", most)
    monkeypatch.setattr(visits.connections, "most", lambda: files_for)
    tabs = [closed_tab(name) for name in "abc"]
    for tab in tabs:
        closed.save(tab)
    assert [tab.session.ended for tab in tabs] == [1, 0, 0]


def test_what_a_visit_keeps_outlives_a_drop_and_not_the_visit(monkeypatch):
    cleared = []
    monkeypatch.setattr(visits, "_CACHES", SimpleNamespace(found=lambda: cleared.append))
    monkeypatch.setattr(visits.AppSession, "clear_session_caches", None)
    monkeypatch.setattr(visits.st.App, "_create_runtime", None)
    visits.install()
    clear = visits.AppSession.clear_session_caches
    clear(SimpleNamespace(_state=AppSessionState.APP_NOT_RUNNING))
    assert not cleared
    over = SimpleNamespace(_state=AppSessionState.SHUTDOWN_REQUESTED)
    clear(over)
    assert cleared == [over]


# --- uploads -------------------------------------------------------------------------------------


@pytest.fixture
def uploads():
    made = Uploads(lambda visit: visit in made.known, clock=lambda: made.now)
    made.known, made.now = {"a"}, 0.0
    yield made
    HELD.drop_visit("a")


def record(file_id: str, data: bytes) -> UploadedFileRec:
    return UploadedFileRec(file_id, f"{file_id}.jpg", "image/jpeg", data)


def held() -> int:
    return sum(HELD._bytes.get("a", {}).values())


def test_an_upload_is_counted_until_its_content_is_taken_and_its_name_stays(uploads):
    uploads.add_file("a", record("1", b"x" * 5000))
    assert held() == 5000 + RECORD_BYTES
    uploads.add_file("a", record("1", b""))
    assert held() == RECORD_BYTES
    assert [(file.name, file.data) for file in uploads.get_files("a", ["1"])] == [("1.jpg", b"")]
    uploads.remove_file("a", "1")
    assert held() == 0 and uploads.get_files("a", ["1"]) == []


def test_what_arrives_after_the_end_of_a_visit_is_not_kept(uploads):
    uploads.add_file("gone", record("1", b"x"))
    assert uploads.visits() == set() and "gone" not in HELD.visits()


def test_what_nobody_takes_goes_and_what_was_taken_keeps_its_name(uploads):
    uploads.hear("a")
    uploads.add_file("a", record("stray", b"x"))
    uploads.add_file("a", record("taken", b""))
    uploads.now = 100.0
    uploads.hear("a")  # the others of its batch still arrive
    uploads.now = 219.0
    assert not uploads.forget_untaken(120)
    uploads.now = 221.0
    assert uploads.forget_untaken(120) and not uploads.forget_untaken(120)
    assert [file.name for file in uploads.get_files("a", ["stray", "taken"])] == ["taken.jpg"]


def test_a_refusal_is_told_for_a_while(uploads):
    uploads.refuse("a", "full")
    assert (uploads.refusal("a"), uploads.refusal("b")) == ("full", None)
    uploads.now = 30.0
    assert uploads.refusal("a") is None
    uploads.refuse("a", "full")
    uploads.remove_session_files("a")
    assert uploads.refusal("a") is None
