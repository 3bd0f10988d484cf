"""The page of films: empty, working, good and failed, with the shipped model."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.mask_rendering.samples import sample_frame
from core.video import sample_film
from tests.films import bytes_of, grey
from ui.video.job import FILMS

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def app(monkeypatch, tmp_path) -> AppTest:
    monkeypatch.setenv(settings.OFFLINE.name, "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    started = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    return started.switch_page("pages/check_video.py").run()


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    return app.file_uploader(key="film 0").set_value((name, data, "video/mp4")).run()


def done(app: AppTest) -> AppTest:
    """Once the film was checked, or refused."""
    for _ in range(300):
        if app.metric or app.error:
            return app.run()
        time.sleep(0.4)
        app.run()
    pytest.fail("The film was not checked.")


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def texts(app: AppTest) -> str:
    return " ".join(part.value for part in (*app.caption, *app.markdown, *app.info, *app.warning))


FILM = bytes_of([sample_frame("no_mask").rgb[:400]] * 30, rate=15, coder={"preset": "ultrafast"})


def sent_to(app: AppTest) -> dict[str, float]:
    (jump,) = [one.proto for one in app.get("bidi_component") if "jump" in one.proto.component_name]
    return json.loads(jump.json)


def test_empty_says_what_to_do_how_large_and_where_films_go(app):
    assert not app.exception and not app.metric
    assert "Nothing is saved" in app.info[0].value
    assert "at most 128 MB" in app.file_uploader(key="film 0").label


def test_a_film_is_answered_person_by_person(app):
    done(upload(app, "me.mp4", FILM))
    assert not app.exception and not app.error
    assert metrics(app) == {"People": "1", "✗ No mask": "1"}
    assert "comes without a mask" in app.button(key="moment 0").label
    assert len(app.get("video")) == 1 and "2.0 s, 100% of the time" in app.metric[1].delta
    labels = [button.proto.label for button in app.get("download_button")]
    assert {"Annotated film", "People (CSV)", "Frames (CSV)", "JSON", "GIF"} < set(labels)
    assert {"Chapters (WebVTT)", "Report (HTML)"} < set(labels)
    assert "me.mp4" in [subheader.value for subheader in app.subheader]


def test_a_moment_is_where_the_player_goes(app):
    done(upload(app, "me.mp4", FILM))
    assert sent_to(app) == {"asked": 0, "at": 0.0}
    app.session_state["film_jump_to"] = (1, 1.26)
    assert sent_to(app.run()) == {"asked": 1, "at": 1.26}
    app.button(key="moment 0").click().run()
    assert sent_to(app) == {"asked": 2, "at": 0.0}


def test_what_is_no_film_says_so_and_another_may_follow(app):
    done(upload(app, "notes.mp4", b"no film at all"))
    assert app.error[0].value.startswith("notes.mp4: is not a film") and not app.metric
    done(app.file_uploader(key="film 1").set_value(("me.mp4", FILM, "video/mp4")).run())
    assert metrics(app)["People"] == "1" and not app.error


def test_a_film_without_faces_is_a_result_with_advice(app):
    done(upload(app, "wall.mp4", bytes_of([grey(120)] * 10)))
    assert metrics(app) == {"People": "0"} and not app.error
    assert "No face found" in texts(app)


def test_a_broken_film_says_how_far_it_was_checked(app):
    whole = bytes_of([sample_frame("no_mask").rgb[:400]] * 30, form="matroska", rate=15, coder={"g": "5"})
    done(upload(app, "cut.mkv", whole[: len(whole) // 2]))
    assert metrics(app)["People"] == "1"
    assert any("ends at" in warning.value or "broken at" in warning.value for warning in app.warning)


def test_other_settings_are_offered_not_forced(app):
    done(upload(app, "me.mp4", FILM))
    app.number_input(key="film_to").set_value(1.0).run()
    assert metrics(app)["People"] == "1"
    app.button(key="film_again").click().run()
    done(app)
    assert "1.0 s, 100%" in app.metric[1].delta


def test_a_part_that_cannot_be_is_refused_in_words(app):
    app.number_input(key="film_from").set_value(5.0)
    app.number_input(key="film_to").set_value(2.0).run()
    assert "there is no film" in app.error[0].value and not app.exception


def test_blurring_draws_the_film_again_and_keeps_the_answer(app):
    done(upload(app, "me.mp4", FILM))
    before = app.get("video")[0].proto.url
    app.toggle(key="blur_film").set_value(True).run()
    app.button(key="film_draw_again").click().run()
    done(app)
    assert metrics(app)["People"] == "1" and app.get("video")[0].proto.url != before


def test_leaving_and_coming_back_keeps_the_work(app):
    upload(app, "me.mp4", FILM)
    app.switch_page("pages/home.py").run()
    done(app.switch_page("pages/check_video.py").run())
    assert metrics(app)["People"] == "1"


def test_removing_forgets_the_film(app):
    done(upload(app, "me.mp4", FILM))
    app.button(key="film_remove").click().run()
    assert not app.metric and "Nothing is saved" in app.info[0].value


def test_the_sample_takes_its_mask_off(app):
    app.segmented_control(key="film_source").set_value("sample").run()
    app.button(key="film_sample").click().run()
    done(app)
    assert metrics(app)["People"] == "2"
    assert any("Person 1 takes the mask off" in button.label for button in app.button)
    assert 1e5 < len(sample_film()) < 2e6


def test_the_next_film_waits_and_is_told_its_place(app, monkeypatch):
    with FILMS.turn():
        upload(app, "me.mp4", FILM)
        time.sleep(1)
        app.run()
        assert "1 other film comes first" in app.get("progress")[0].proto.text
    done(app)
    assert metrics(app)["People"] == "1"
