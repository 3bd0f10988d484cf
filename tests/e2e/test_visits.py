"""How long a visit lasts, what goes with it, and that nobody meets another's: with a server in earnest."""

from __future__ import annotations

import time
import urllib.error
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.encode import to_jpeg
from core.samples import sample_frame
from tests.raw_visit import RawVisit, Screen

LASTS_S = 3  # a visit, after its tab closed
ASTRONAUT = to_jpeg(sample_frame("no_mask").rgb)


def wall(width: int, height: int = 200) -> bytes:
    return to_jpeg(np.full((height, width, 3), 128, np.uint8))


@pytest.fixture
def tab(fresh_server) -> Iterator[Callable[..., RawVisit]]:
    """Opens tabs on a server whose visits soon end: `tab(page, env=...)`."""
    opened: list[RawVisit] = []

    def open_one(page: str = "check_photos", env: dict[str, str] | None = None) -> RawVisit:
        env = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(LASTS_S), **(env or {})}
        url = opened[0].url if opened else fresh_server(env=env).url
        opened.append(RawVisit(url, page))
        return opened[-1]

    yield open_one
    for visit in opened:
        visit.close()


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
    assert "No mask" in first.text() and len(first.media()) == 1
    session = visit.session_id
    visit.close()
    time.sleep(LASTS_S - 1)
    visit.come_back()
    again = visit.run()
    assert visit.session_id == session and again.media() == first.media() and "No mask" in again.text()
    assert is_served(visit, again.media()[0])
    both = visit.upload(uploader(again), ("wall.jpg", wall(300)))
    assert len(both.media()) == 2 and "300 × 200" in both.text()


def test_on_an_idle_server_everything_goes_soon_after_the_tab_closed(tab):
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
    assert not after.media() and "Nothing is written down" in after.text()
    assert not is_served(mine, one) and is_served(mine, two)


def test_a_file_beyond_the_visits_room_is_refused_in_words_and_costs_nothing_else(tab):
    visit = tab(env={"MASKWISE_VISIT_MB": "1"})
    screen = visit.upload(uploader(visit.run()), ("me.jpg", ASTRONAUT))
    _, status = visit.put(b"x" * 1_000_000)
    assert status == 413
    told = visit.read()  # by itself, without a word from the browser
    assert "A file was not taken" in told.text() and "one visit may hold 1 MB" in told.text()
    assert told.media() == screen.media()
    both = visit.upload(uploader(told), ("wall.jpg", wall(300)))
    assert len(both.media()) == 2 and "300 × 200" in both.text()


def test_all_visits_together_have_their_room_too_and_a_stranger_has_none(tab):
    one, two = tab(env={"MASKWISE_ALL_VISITS_MB": "1"}), tab()
    one.run(), two.run()
    assert one.put(b"x" * 700_000)[1] == 204
    assert two.put(b"x" * 700_000)[1] == 413
    assert "memory that this server has" in two.read().text()
    assert two.put(b"x", visit="00000000-0000-0000-0000-000000000000")[1] == 400
    one.close()  # and what nobody took is gone with it
    time.sleep(LASTS_S + 2)
    assert two.put(b"x" * 700_000)[1] == 204


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
