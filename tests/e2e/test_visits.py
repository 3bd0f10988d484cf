"""How long a visit lasts, what goes with it, and that nobody meets another's: with a server in earnest."""

from __future__ import annotations

import io
import secrets
import time
import urllib.error
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

import numpy as np
import pytest
from PIL import Image

from core.images.encode import to_jpeg
from core.mask_rendering.samples import sample_frame
from tests import process_memory
from tests.e2e.conftest import Server, start_server
from tests.raw_visit import RawVisit, Screen
from ui.photos.sources import SOURCES

LASTS_S = 3  # a visit, after its tab closed
LASTS = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(LASTS_S)}
GONE_S = 30  # a second where nobody else is busy; the search itself takes one
ASTRONAUT = to_jpeg(sample_frame("no_mask").rgb)


def wall(width: int, height: int = 200) -> bytes:
    return to_jpeg(np.full((height, width, 3), 128, np.uint8))


@dataclass
class Tabs:
    """Opens tabs on a server whose visits soon end: `tab(page)`."""

    server: Server
    opened: list[RawVisit] = field(default_factory=list)

    def __call__(self, page: str = "check_photos") -> RawVisit:
        self.opened.append(RawVisit(self.server.url, page))
        return self.opened[-1]

    @property
    def pid(self) -> int:
        return self.server.process.pid

    def close(self) -> None:
        for visit in self.opened:
            visit.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[Server]:
    server = start_server(tmp_path_factory.mktemp("visits"), env=LASTS)
    yield server
    server.stop()


@pytest.fixture
def tab(shared) -> Iterator[Tabs]:
    """Of a server that others visited before."""
    with closing(Tabs(shared)) as tabs:
        yield tabs


@pytest.fixture
def tab_of_own(fresh_server) -> Iterator[Callable[..., Tabs]]:
    """Of a server that nobody else visits, nor wakes by a visit that ends: `tab_of_own(VARIABLE="1")`."""
    with ExitStack() as opened:
        yield lambda **env: opened.enter_context(closing(Tabs(fresh_server(env={**LASTS, **env}))))


def uploader(screen: Screen) -> str:
    return screen.of("file_uploader")[0].id


def remove_all(screen: Screen) -> str:
    return next(button.id for button in screen.of("button") if button.id.endswith("remove_all"))


def is_served(visit: RawVisit, path: str) -> bool:
    try:
        return bool(visit.get(path))
    except urllib.error.HTTPError as refused:
        assert refused.code == 404
        return False


def wait_until_gone(visit: RawVisit, path: str, seconds: float = LASTS_S + 5) -> None:
    deadline = time.monotonic() + seconds
    while is_served(visit, path):
        assert time.monotonic() < deadline, f"{path} is still served"
        time.sleep(0.1)


def test_a_drop_of_the_connection_loses_nothing(tab):
    visit = tab()
    first = visit.upload(uploader(visit.run()), ("me.jpg", ASTRONAUT))
    assert "No mask" in first.text() and len(first.media()) == 3  # the photo, its face, and what to do
    session = visit.session_id
    visit.close()
    time.sleep(LASTS_S - 1)
    visit.come_back()
    again = visit.run()
    assert visit.session_id == session and again.media() == first.media() and "No mask" in again.text()
    assert is_served(visit, again.media()[0])
    both = visit.upload(uploader(again), ("wall.jpg", wall(300)))
    assert len(both.media()) == 1 and "300 × 200" in both.text() and "2 photos" in both.text()


def test_on_an_idle_server_everything_goes_soon_after_the_tab_closed(tab_of_own):
    tab = tab_of_own()
    visit, witness = tab(), tab("home")
    picture = visit.upload(uploader(visit.run()), ("me.jpg", ASTRONAUT)).media()[0]
    visit.close()
    time.sleep(LASTS_S - 1.5)
    assert is_served(witness, picture)
    wait_until_gone(witness, picture)
    session = visit.session_id
    visit.come_back()
    assert not visit.run().media() and visit.session_id != session


def test_remove_all_is_at_once_and_in_ones_own_visit_alone(tab):
    mine, anothers = tab(), tab()
    shown = [visit.upload(uploader(visit.run()), ("me.jpg", ASTRONAUT)) for visit in (mine, anothers)]
    one, two = (screen.media()[0] for screen in shown)
    assert one != two, "the address follows from the picture"
    after = mine.click(remove_all(shown[0]))
    assert not after.media() and "Nothing is saved or shared" in after.text()
    assert not is_served(mine, one) and is_served(mine, two)


def test_a_file_that_the_server_has_forgotten_is_passed_over(tab):
    visit = tab()
    first = uploader(visit.run())
    screen = visit.upload(first, ("me.jpg", ASTRONAUT))
    assert uploader(visit.click(remove_all(screen))) != first
    visit.forget(first)
    both = visit.upload(uploader(visit.run()), ("wall.jpg", wall(300)))
    assert "300 × 200" in both.text() and len(both.media()) == 1


def test_a_file_beyond_the_visits_room_is_refused_in_words_and_costs_nothing_else(tab_of_own):
    visit = tab_of_own(MASKWISE_VISIT_MB="1")()
    screen = visit.upload(uploader(visit.run()), ("me.jpg", ASTRONAUT))
    _, status = visit.put(b"x" * 1_000_000)
    assert status == 413
    told = visit.read()  # by itself, without a word from the browser
    assert "A file was not taken" in told.text() and "one visit may hold 1 MB" in told.text()
    assert told.media() == screen.media()
    both = visit.upload(uploader(told), ("wall.jpg", wall(300)))
    assert "2 photos" in both.text() and "300 × 200" in both.text()


def test_all_visits_together_have_their_room_too_and_a_stranger_has_none(tab_of_own):
    tab = tab_of_own(MASKWISE_ALL_VISITS_MB="1")
    one, two = tab(), tab()
    one.run(), two.run()
    assert one.put(b"x" * 700_000)[1] == 204
    assert two.put(b"x" * 700_000)[1] == 413
    assert "memory that this server has" in two.read().text()
    assert two.put(b"x", visit="00000000-0000-0000-0000-000000000000")[1] == 400
    one.close()  # and what nobody took is gone with it
    deadline = time.monotonic() + LASTS_S + 2
    while (status := two.put(b"x" * 700_000)[1]) == 413 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert status == 204


# --- in the server's memory ----------------------------------------------------------------------


def marked(mark: bytes, content: bytes) -> bytes:
    """A JPEG with `mark` in its EXIF, in a comment, and after its end."""
    exif = b"Exif\0\0" + mark
    segments = b"".join(
        kind + (len(body) + 2).to_bytes(2, "big") + body
        for kind, body in ((b"\xff\xe1", exif), (b"\xff\xfe", mark))
    )
    return content[:2] + segments + content[2:] + mark


def noise(side: int) -> bytes:
    return to_jpeg(np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8), quality=95)


@pytest.mark.parametrize("side", [400, 2600], ids=["small", "large"])
def test_nothing_of_a_picture_is_left_in_memory_after_remove_all_and_after_the_visit(side, tab_of_own):
    tab = tab_of_own()
    removed, closed, stray = (secrets.token_bytes(32) for _ in range(3))
    visit = tab()
    first = uploader(visit.run())
    screen = visit.upload(first, ("me.jpg", marked(removed, noise(side))))
    assert screen.media() and process_memory.count(tab.pid, removed)
    screen = visit.click(remove_all(screen))
    process_memory.wait_until_gone(tab.pid, removed, GONE_S)
    visit.forget(first)
    visit.upload(uploader(screen), ("me.jpg", marked(closed, noise(side))))
    visit.put(marked(stray, noise(side)))  # which no page takes
    assert all(process_memory.count(tab.pid, mark) for mark in (stray, closed))  # the first is soon gone
    visit.close()
    for mark in (closed, stray):
        process_memory.wait_until_gone(tab.pid, mark, LASTS_S + GONE_S)


def test_nothing_of_a_picture_stays_in_the_processes_that_decode(tab):
    mark, visit = secrets.token_bytes(32), tab()
    png = io.BytesIO()
    Image.fromarray(sample_frame("no_mask").rgb).save(png, "PNG")
    visit.upload(uploader(visit.run()), ("me.png", png.getvalue() + mark))
    assert process_memory.count(tab.pid, mark)  # it is still shown
    decoders = process_memory.children(tab.pid)
    assert decoders
    for decoder in decoders:
        process_memory.wait_until_gone(decoder, mark, GONE_S)


def test_nothing_of_a_snapshot_is_left_in_memory_after_remove_all(tab_of_own):
    tab = tab_of_own()
    mark, visit = secrets.token_bytes(32), tab()
    source = next(group.id for group in visit.run().of("button_group") if group.id.endswith("-source"))
    visit.set(source, string_array_value={"data": [SOURCES["camera"]]})
    screen = visit.run()
    camera = screen.of("camera_input")[0].id
    screen = visit.upload(camera, ("camera.jpg", marked(mark, ASTRONAUT)))
    assert "No mask" in screen.text()
    visit.forget(camera)  # as the browser does: under a new key it is another camera
    visit.click(remove_all(screen))
    process_memory.wait_until_gone(tab.pid, mark, GONE_S)


def test_twenty_visitors_at_once_each_see_their_own(tab):
    visits = [tab() for _ in range(20)]

    def look(number: int) -> Screen:
        visit = visits[number]
        visit.upload(uploader(visit.run()), (f"{number}.jpg", wall(300 + number)))
        return visit.run()

    with ThreadPoolExecutor(len(visits)) as pool:
        screens = list(pool.map(look, range(20)))
    for number, screen in enumerate(screens):
        seen = {n for n in range(20) if f"{300 + n} × 200" in screen.text()}
        assert seen == {number} and len(screen.media()) == 1
    assert len({screen.media()[0] for screen in screens}) == 20
