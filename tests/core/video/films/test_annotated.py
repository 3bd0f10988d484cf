"""A film with answers drawn on it: in step, as large, with its sound; or with faces hidden."""

import errno
import time

import av
import numpy as np
import pytest

from core.decision import OperatingPoint
from core.errors import VideoError
from core.video.films.annotated import AnnotatedFilm
from core.video.films.check import FilmCheck, FilmSettings
from core.video.films.film import Film
from core.video.films.gif import MAX_BYTES, to_gif
from core.video.films.mp4 import MemoryFile
from core.video.films.together import CheckAndDraw
from tests.films import bytes_of, noise, pictures_of, times_of

BOX = (100, 60, 220, 180)


def checked(scene, film, settings=FilmSettings(), target=None, blur=False):  # noqa: B008 - frozen
    check = FilmCheck(film, scene.pipeline, settings, OperatingPoint(0.1))
    if target is None:
        return check.run()
    both = CheckAndDraw(check, target, blur=blur)
    answer = both.run()
    assert both.problem is None
    return answer


@pytest.fixture
def steady():
    """Two seconds of one picture, which is neither dark nor blurred wherever a face is said to be."""
    return bytes_of([noise(0)] * 50, sound=2.0, coder={"preset": "ultrafast", "crf": "10"})


def test_people_are_counted_and_their_seconds_add_up(scene, steady):
    answer = checked(scene, Film(steady, "steady.mp4"))
    plain = answer.as_json("steady.mp4")
    assert (plain["frames"], plain["width"], plain["height"], plain["seconds"]) == (50, 320, 240, 2.0)
    (person,) = plain["people"]
    assert (person["label"], person["from"], person["to"]) == ("with_mask", 0.0, 2.0)
    assert person["seconds"] == {"with_mask": 2.0} and plain["counts"] == {"with_mask": 1}
    assert set(person["best"]) == {"time", "box", "label", "probabilities"}
    assert set(plain["ms"]) == {"decode", "detect", "track", "classify"} and plain["complete"]


def test_a_mask_that_is_taken_off_shows_at_that_moment(scene, steady):
    seen = iter(range(1000))
    scene.on_detect = lambda: setattr(scene, "label", "with_mask" if next(seen) < 10 else "without_mask")
    answer = checked(scene, Film(steady), FilmSettings(0.1))
    change = answer.people[0].segments[-1]
    assert change.answer == "without_mask" and change.start == pytest.approx(1.0, abs=0.21)
    assert [m.words for m in answer.moments][-1] == "takes the mask off"


def test_a_cut_makes_new_people(scene):
    film = Film(bytes_of([np.zeros((240, 320, 3), np.uint8) + 30] * 25 + [noise(1)] * 25))
    answer = checked(scene, film)
    assert [p.id for p in answer.people] == [1, 2] and answer.people[1].start == pytest.approx(1.0, abs=0.05)


def test_a_still_has_people_too(scene):
    assert [p.label for p in checked(scene, Film(bytes_of([noise(0)]))).people] == ["with_mask"]


def test_seldom_pictures_still_confirm_people(scene, steady):
    (person,) = checked(scene, Film(steady), FilmSettings(0.5)).people
    assert (person.start, person.end) == pytest.approx((0.0, 2.0), abs=0.05)


def test_the_film_is_as_long_and_as_large_and_has_its_sound(scene, steady):
    memory = MemoryFile()
    checked(scene, Film(steady), target=memory)
    with av.open(memory.again()) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", 320, 240)
        assert audio.codec_context.name == "aac"
        assert float(audio.duration * audio.time_base) == pytest.approx(2.0, abs=0.1)
    data = bytes(memory.data)
    assert data.index(b"moov") < data.index(b"mdat")  # players begin before all has come
    assert np.allclose(times_of(memory.again()), np.arange(50) / 25, atol=0.001)


def test_variable_times_stay_in_step(scene):
    times = [0.0, 0.03, 0.3, 0.35, 0.9, 1.0, 1.7]
    memory = MemoryFile()
    checked(scene, Film(bytes_of([noise(i) for i in range(7)], times=times)), target=memory)
    assert np.allclose(times_of(memory.again()), times, atol=0.002)


def test_sound_that_is_longer_than_the_pictures_takes_none_of_them_away(scene):
    memory = MemoryFile()
    checked(scene, Film(bytes_of([noise(0)] * 5, sound=1.0)), target=memory)
    assert len(pictures_of(memory.again())) == 5
    with av.open(memory.again()) as container:
        last = max(float(frame.time) + frame.samples / frame.rate for frame in container.decode(audio=0))
    assert last == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("apart", "every"), [(10.0, 0.2), (0.5, 5.0)])
def test_pictures_that_are_far_apart_are_not_waited_for_in_vain(scene, apart, every):
    """Each side had waited for the other."""
    times = [apart * i for i in range(round(40 / apart))]
    memory = MemoryFile()
    film = Film(bytes_of([noise(i % 3) for i in range(len(times))], times=times))
    check = FilmCheck(film, scene.pipeline, FilmSettings(every), OperatingPoint(0.1))
    begun = time.monotonic()

    def in_time():
        assert time.monotonic() - begun < 60

    assert CheckAndDraw(check, memory).run(ask=in_time).frames == len(times)
    assert np.allclose(times_of(memory.again()), times, atol=0.002)


def test_boxes_are_drawn_in_the_colour_of_the_answer(scene, steady):
    memory = MemoryFile()
    checked(scene, Film(steady), target=memory)
    picture = pictures_of(memory.again())[25].astype(int)
    edge = picture[100:140, BOX[0] - 1 : BOX[0] + 4].reshape(-1, 3)
    blue = np.abs(edge - (0, 114, 178)).sum(axis=1).min()
    assert blue < 90


def test_faces_are_hidden_from_the_first_picture_on(scene, steady):
    memory = MemoryFile()
    checked(scene, Film(steady), target=memory, blur=True)
    inside = np.s_[90:150, 130:190]
    shown, hidden = pictures_of(MemoryFile(bytearray(steady))), pictures_of(memory.again())
    assert len(hidden) == 50
    for before, after in zip(shown, hidden, strict=True):
        assert after[inside].std() < before[inside].std() / 4


def test_a_part_begins_at_zero(scene, steady):
    memory = MemoryFile()
    answer = checked(scene, Film(steady), FilmSettings(0.1, 0.5, 1.5), memory)
    assert len(times_of(memory.again())) == 25 and times_of(memory.again())[0] < 0.05
    assert answer.people[0].start == pytest.approx(0.5, abs=0.03)


def test_stopped_early_both_end_at_the_same_place(scene):
    film = Film(bytes_of([noise(i % 3) for i in range(250)], coder={"preset": "ultrafast"}))
    check = FilmCheck(film, scene.pipeline, FilmSettings(0.1), OperatingPoint(0.1))
    memory = MemoryFile()
    both = CheckAndDraw(check, memory)
    answer = both.run(lambda progress: progress.at > 2 and check.stop())
    assert not answer.is_whole and answer.end < 9
    assert times_of(memory.again())[-1] == pytest.approx(answer.end, abs=0.15)


def test_odd_sides_get_a_pixel_more(scene):
    scene.boxes = []
    memory = MemoryFile()
    film = Film(bytes_of([noise(0, (321, 241))] * 3, codec="ffv1", form="matroska", pix_fmt="yuv444p"))
    checked(scene, film, target=memory)
    assert pictures_of(memory.again())[0].shape == (242, 322, 3)


def test_a_full_disk_is_told_and_the_answer_kept(scene, steady, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(MemoryFile, "write", full)
    both = CheckAndDraw(
        FilmCheck(Film(steady), scene.pipeline, FilmSettings(), OperatingPoint(0.1)), MemoryFile()
    )
    answer = both.run()
    assert len(answer.people) == 1 and both.problem is not None


def test_a_gif_shows_the_seconds_and_is_small(scene, steady):
    film = Film(steady)
    data = to_gif(film, checked(scene, film), 0.5, 1.5)
    assert data[:4] == b"GIF8" and len(data) < MAX_BYTES
    assert len(pictures_of(MemoryFile(bytearray(data)))) == 9  # one each .12 s
    with pytest.raises(VideoError, match="Choose 15 s or less"):
        to_gif(film, checked(scene, film), 0, 60)


def test_it_can_be_drawn_again_from_what_was_seen(scene, steady, tmp_path):
    film = Film(steady)
    answer = checked(scene, film)
    AnnotatedFilm(film, FilmSettings(), answer.sightings, blur=True).write(tmp_path / "again.mp4")
    assert len(pictures_of(tmp_path / "again.mp4")) == 50


@pytest.mark.parametrize(
    "wrong", [{"every": -1}, {"start": -1}, {"start": 5, "end": 2}, {"every": float("nan")}]
)
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(VideoError):
        FilmSettings(**wrong)
