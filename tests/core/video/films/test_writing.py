"""A film that is written on a thread of its own: in order, a few pieces behind, and never left to itself."""

import threading

import numpy as np
import pytest

from core.decision import OperatingPoint
from core.errors import VideoError
from core.scheduling import cancellable
from core.video.films.annotated import AnnotatedFilm
from core.video.films.check import FilmSettings
from core.video.films.film import Film
from core.video.films.mp4 import MemoryFile
from core.video.films.reader import FilmSound
from core.video.films.sightings import Sightings
from core.video.films.writing import WAITING, BackgroundWriter
from tests.films import bytes_of, noise

PLANES = np.zeros((6, 4), np.uint8)


class Coder:
    """In place of an `Mp4Writer`: waits for `may_go` before each picture, and fails at one."""

    def __init__(self, fails_at=None):
        self.done, self.fails_at = [], fails_at
        self.may_go, self.began = threading.Event(), threading.Event()

    def picture(self, planes, at, colours):
        self.began.set()
        assert self.may_go.wait(20)
        if at == self.fails_at:
            raise VideoError("The disk is full.")
        self.done.append(at)

    def sound(self, sound):
        self.done.append(f"sound at {sound.at}")

    def close(self):
        self.done.append("closed")

    def abandon(self):
        self.done.append("abandoned")


def put(writer, given):
    for at in range(10 * WAITING):
        writer.picture(PLANES, at)
        given.append(at)
        assert writer._writer.began.wait(20)


def is_at_work():
    return any(thread.name == "film_writer" for thread in threading.enumerate())


def test_pictures_and_sound_are_written_in_their_order():
    coder = Coder()
    coder.may_go.set()
    writer, expected = BackgroundWriter(coder), []
    for at in range(3 * WAITING):
        writer.picture(PLANES, at)
        writer.sound(FilmSound(np.zeros((8, 1), np.int16), at))
        expected += [at, f"sound at {at}"]
    writer.close()
    assert coder.done == [*expected, "closed"] and not is_at_work()


def test_no_more_than_a_few_wait_and_whoever_waits_can_be_called_off():
    coder = Coder()
    writer, given, asked = BackgroundWriter(coder), [], []

    def ask():
        asked.append(1)
        if len(asked) == 3:
            raise VideoError("called off")

    with cancellable(ask), pytest.raises(VideoError, match="called off"):
        put(writer, given)
    assert len(given) == WAITING + 1  # of which one is being written
    coder.may_go.set()
    writer.abandon()
    assert not is_at_work()


def test_what_goes_wrong_is_raised_by_a_later_call():
    coder = Coder(fails_at=2)
    coder.may_go.set()
    writer = BackgroundWriter(coder)
    with pytest.raises(VideoError, match="disk is full"):
        put(writer, [])
    writer.abandon()
    assert coder.done == [0, 1, "abandoned"] and not is_at_work()


def test_what_goes_wrong_with_the_last_picture_is_raised_by_the_end():
    coder = Coder(fails_at=0)
    writer = BackgroundWriter(coder)
    writer.picture(PLANES, 0)
    coder.may_go.set()
    with pytest.raises(VideoError, match="disk is full"):
        writer.close()
    assert coder.done == [] and not is_at_work()


@pytest.mark.parametrize("waiting", [1, 1 + WAITING])
def test_a_film_that_is_given_up_is_not_written_to_its_end(waiting):
    coder = Coder()
    writer = BackgroundWriter(coder)
    writer.picture(PLANES, 0)
    assert coder.began.wait(20)
    for at in range(1, waiting):
        writer.picture(PLANES, at)
    threading.Timer(0.3, coder.may_go.set).start()
    writer.abandon()
    assert coder.done == [0, "abandoned"] and not is_at_work()


def test_drawing_that_is_called_off_ends_its_threads(scene):
    """While they wait for an analysis that does not come."""
    film, memory = Film(bytes_of([noise(i % 3) for i in range(50)])), MemoryFile()
    sightings = Sightings(scene.card.label_set, OperatingPoint(0.1), "scene")
    drawing, before = AnnotatedFilm(film, FilmSettings(), sightings), set(threading.enumerate())

    def gone():
        assert is_at_work()
        raise VideoError("nobody wants it any more")

    with pytest.raises(VideoError, match="nobody wants it"):
        drawing.write(memory, gone)
    film.close()
    assert set(threading.enumerate()) <= before and not memory.data
