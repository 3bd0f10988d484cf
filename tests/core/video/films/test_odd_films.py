"""Whatever a film is like: it is read as far as it can be, or refused in words that say why."""

import io
import re
import struct
from types import SimpleNamespace

import av
import numpy as np
import pytest
from PIL import Image

from core.errors import VideoError
from core.video.films.film import Film
from core.video.films.reader import FilmReader, FilmSound
from core.video.films.reading import Reading, Wanted
from tests.films import bytes_of, film_of, grey

LEVELS = [20, 60, 100, 140, 180, 220]
STEPS = [grey(level) for level in LEVELS]


def read(data, **wanted):
    """Facts, pictures and end of a film, as its reader tells them."""
    said = list(Reading(io.BytesIO(data), "odd", Wanted(**wanted)).messages())
    facts, end = (SimpleNamespace(**header) for header, _ in (said[0], said[-1]))
    assert (facts.size, end.read) and facts.__dict__.pop("is") == "facts"
    pictures = [
        SimpleNamespace(**header, pixels=np.frombuffer(b"".join(payload), np.uint8).reshape(header["shape"]))
        for header, payload in said
        if header["is"] == "picture"
    ]
    return facts, pictures, end


def refused(data, **wanted):
    with pytest.raises(VideoError) as problem:
        read(data, **wanted)
    assert str(problem.value).startswith("odd: ") and str(problem.value).endswith(".")
    return str(problem.value)


def levels(pictures):
    return [round(float(p.pixels.mean())) for p in pictures]


def near(found, expected=tuple(LEVELS), by=6):
    return len(found) == len(expected) and np.allclose(found, expected, atol=by)


# --- kinds of files ------------------------------------------------------------------------------

KINDS = {
    "mp4": {"form": "mp4"},
    "mov": {"form": "mov"},
    "m4v": {"form": "ipod"},
    "3gp": {"form": "3gp"},
    "mkv": {"form": "matroska"},
    "webm": {"form": "webm", "codec": "libvpx-vp9"},
    "avi": {"form": "avi", "codec": "mpeg4"},
    "mpeg": {"form": "mpeg", "codec": "mpeg2video"},
    "ts": {"form": "mpegts"},
    "hevc 10 bit": {
        "form": "mp4",
        "codec": "libx265",
        "pix_fmt": "yuv420p10le",
        "coder": {"x265-params": "log-level=none"},
    },
    "4:4:4": {"form": "mp4", "pix_fmt": "yuv444p"},
    "grey": {"form": "mp4", "pix_fmt": "gray"},
    "interlaced": {"form": "mpeg", "codec": "mpeg2video", "coder": {"flags": "+ilme+ildct"}},
    "lossless": {"form": "matroska", "codec": "ffv1"},
    "vp9 with alpha": {"form": "webm", "codec": "libvpx-vp9", "pix_fmt": "yuva420p"},
    "prores with alpha": {"form": "mov", "codec": "prores_ks", "pix_fmt": "yuva444p10le"},
    "4:2:2 of 10 bit": {"form": "mp4", "pix_fmt": "yuv422p10le"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read(kind):
    facts, pictures, end = read(bytes_of(STEPS, **KINDS[kind]))
    by = 20 if kind == "grey" else 6  # whose range files do not tell
    assert facts.size == (160, 120) and near(levels(pictures), by=by), levels(pictures)
    assert [round(p.at, 2) for p in pictures] == [0, 0.04, 0.08, 0.12, 0.16, 0.2]
    assert (end.read, round(end.until, 2)) == (6, 0.24)


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_animations_are_read_with_their_own_pace(form):
    memory = io.BytesIO()
    first, *more = map(Image.fromarray, STEPS)
    lossless = {"lossless": True} if form == "WEBP" else {}
    first.save(
        memory, form, save_all=True, append_images=more, duration=[100, 300, 100, 100, 100, 100], **lossless
    )
    _, pictures, _ = read(memory.getvalue())
    assert near(levels(pictures)) and [round(p.at, 2) for p in pictures] == [0, 0.1, 0.4, 0.5, 0.6, 0.7]


def test_what_is_transparent_is_white():
    memory = io.BytesIO()
    pictures = [Image.new("RGBA", (32, 32), (0, 0, 0, alpha)) for alpha in (0, 255)]
    pictures[0].save(memory, "WEBP", save_all=True, append_images=pictures[1:], lossless=True)
    _, found, _ = read(memory.getvalue())
    assert levels(found) == [255, 0]


@pytest.mark.parametrize("codec", ["qtrle", "png"])
def test_a_film_with_transparency_is_read(codec):
    pix_fmt = {"qtrle": "argb", "png": "rgba"}[codec]
    facts, pictures, _ = read(bytes_of(STEPS, form="mov", codec=codec, pix_fmt=pix_fmt))
    assert facts.size == (160, 120) and near(levels(pictures))


@pytest.mark.parametrize("size", [(641, 361), (1, 1), (2, 2), (17, 300)])
def test_odd_sizes_are_read_and_can_be_written(size):
    data = bytes_of([grey(99, size)] * 3, form="matroska", codec="ffv1", pix_fmt="yuv444p")
    facts, pictures, _ = read(data)
    assert facts.size == size and near(levels(pictures), [99] * 3)
    _, planes, _ = read(data, planes=True)
    assert planes[0].pixels.shape == ((size[1] + size[1] % 2) * 3 // 2, size[0] + size[0] % 2)


# --- turned --------------------------------------------------------------------------------------

CORNERS = np.kron(np.array([[20, 90], [160, 230]], np.uint8), np.ones((60, 80), np.uint8))
TURNS = {
    "not": ({}, lambda a: a),
    "90": ({"degrees": 90}, lambda a: np.rot90(a, 1)),
    "180": ({"degrees": 180}, lambda a: np.rot90(a, 2)),
    "270": ({"degrees": 270}, lambda a: np.rot90(a, 3)),
    "mirrored": ({"degrees": 0, "hflip": True}, lambda a: a[:, ::-1]),
    "90, mirrored": ({"degrees": 90, "hflip": True}, lambda a: np.rot90(a, 1)[:, ::-1]),
}


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("planes", [False, True])
def test_a_film_is_turned_upright(turn, planes):
    flags, upright = TURNS[turn]
    facts, pictures, _ = read(bytes_of([np.dstack([CORNERS] * 3)] * 2, turn=flags or None), planes=planes)
    expected = upright(CORNERS).astype(int)
    found = pictures[0].pixels[: expected.shape[0]] if planes else pictures[0].pixels[..., 0]
    assert tuple(facts.size) == expected.shape[::-1]
    assert abs(found.astype(int)[5::20, 5::20] - expected[5::20, 5::20]).max() < 25  # luma has less range


# --- time ----------------------------------------------------------------------------------------


def test_variable_times_are_kept():
    times = [0.0, 0.01, 0.5, 0.6, 2.0, 2.04]
    _, pictures, _ = read(bytes_of(STEPS, times=times))
    assert np.allclose([p.at for p in pictures], times, atol=0.002)


def test_a_gap_of_hours_is_left_out_and_told():
    _, pictures, end = read(bytes_of(STEPS, times=[0, 0.04, 0.08, 7200, 7200.04, 7200.08], form="matroska"))
    assert pictures[-1].at < 1 and any("jumps" in note for note in end.notes)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([-5, -4.96, -4.92, -4.88, -4.84, -4.8], [0, 0.04, 0.08, 0.12, 0.16, 0.2]),
        ([9, 9.04, 9.08, 9.12, 9.16, 9.2], [0, 0.04, 0.08, 0.12, 0.16, 0.2]),
        ([0, 0.04, 0.04, 0.04, 0.16, 0.2], [0, 0.04, 0.041, 0.042, 0.16, 0.2]),
        ([0, 0.08, 0.04, 0.12, 0.16, 0.2], [0, 0.08, 0.081, 0.12, 0.16, 0.2]),
    ],
)
def test_absurd_times_in_a_file_become_a_time_that_goes_forward(times, expected):
    """Written over in a Matroska's blocks, as nobody would code such times."""
    said = iter([*times[:-1], times[-1] - 0.2])  # the last block is alone in a cluster that begins there
    block = re.compile(rb"\x81..([\x80\x00]\xff\xd8)", re.S)  # of track 1: milliseconds, flags, a JPEG

    def later(found):
        return b"\x81" + struct.pack(">h", round(1000 * next(said))) + found[1]

    data = block.sub(later, bytes_of(STEPS, codec="mjpeg", pix_fmt="yuvj420p", form="matroska"))
    assert next(said, None) is None
    _, pictures, end = read(data)
    assert np.allclose([p.at for p in pictures], expected, atol=0.002) and end.read == 6


def test_a_picture_is_due_so_often():
    data = bytes_of([grey(100)] * 50)
    assert np.allclose([p.at for p in read(data, every=0.5)[1]], [0, 0.5, 1.0, 1.5], atol=0.021)


def test_a_part_is_read():
    data = bytes_of([grey(5 * i) for i in range(50)], coder={"g": "10"})
    _, pictures, end = read(data, start=0.4, end=0.6)
    assert [round(p.at, 2) for p in pictures] == [0.4, 0.44, 0.48, 0.52, 0.56]
    assert near(levels(pictures), [50, 55, 60, 65, 70]) and end.until == pytest.approx(0.6)
    assert "no picture between" in refused(data, start=100)


def test_the_scene_is_told_when_it_changes():
    scenes = [np.random.default_rng(s).integers(0, 256, (6, 8, 3), np.uint8) for s in (0, 1)]
    scenes = [np.kron(scene, np.ones((20, 20, 1), np.uint8)) for scene in scenes]
    _, pictures, _ = read(bytes_of([scenes[0]] * 9 + [scenes[1]] * 11), every=0.2, cuts=True)
    assert [(p.cut_at or 0) > 0 for p in pictures] == [False, False, True, False]
    assert pictures[2].cut_at == pytest.approx(9 / 25, abs=0.001)


def test_sound_comes_as_samples():
    film = Film(bytes_of([grey(100)] * 50, sound=2.0))
    with FilmReader(film, Wanted(sound=True, end=1.0)) as reader:
        sound = [item for item in reader if isinstance(item, FilmSound)]
    film.close()
    assert reader.facts.sound == (48_000, 1)
    samples = np.concatenate([each.samples for each in sound])
    assert 44_000 <= len(samples) <= 48_000 and 6000 < np.abs(samples).max() < 14_000


# --- broken, lying, missing ----------------------------------------------------------------------


def test_what_is_no_film_is_named():
    jpeg = io.BytesIO()
    Image.fromarray(grey(9)).save(jpeg, "JPEG")
    assert "is a picture, not a film" in refused(jpeg.getvalue())
    assert "web page" in refused(b"<!DOCTYPE html><html>no such film</html>")
    assert "is not a film" in refused(b"what is this? " * 100)
    assert "is not a film" in refused(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    with pytest.raises(VideoError, match="is empty"):
        Film(b"")


def test_only_sound_is_named():
    assert "has only sound" in refused(bytes_of([], sound=1.0))


def test_a_cover_picture_is_no_film():
    memory = io.BytesIO()
    with av.open(memory, "w", format="mp4") as container:
        audio = container.add_stream("aac", rate=48_000, layout="mono")
        cover = container.add_stream("mjpeg", rate=25)
        cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame(32, 32, "yuvj420p")))
        container.mux(cover.encode())
        container.mux(audio.encode())
    assert "only sound and a cover picture" in refused(memory.getvalue())


@pytest.mark.parametrize("is_first", [False, True])
def test_a_cover_picture_beside_a_film_is_passed_over(is_first):
    """Though it is larger."""
    memory = io.BytesIO()
    with av.open(memory, "w", format="mp4") as container:
        streams = {}
        for kind in ("cover", "film") if is_first else ("film", "cover"):
            stream = streams[kind] = container.add_stream("mjpeg" if kind == "cover" else "libx264", rate=25)
            stream.width, stream.height = (800, 600) if kind == "cover" else (160, 120)
            stream.pix_fmt = "yuvj420p" if kind == "cover" else "yuv420p"
        streams["cover"].disposition = av.stream.Disposition.attached_pic
        container.mux(streams["cover"].encode(av.VideoFrame(800, 600, "yuvj420p")))
        container.mux(streams["cover"].encode())
        for rgb in STEPS:
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
            container.mux(streams["film"].encode(frame))
        container.mux(streams["film"].encode())
    facts, found, end = read(memory.getvalue())
    assert facts.size == (160, 120) and near(levels(found)) and not end.notes


def test_a_missing_index_is_named():
    data = bytes_of(STEPS * 20)
    assert "no index" in refused(data[: data.index(b"moov") - 4])


def test_a_film_that_breaks_off_is_answered_up_to_there():
    pictures = [np.random.default_rng(i).integers(0, 256, (120, 160, 3), np.uint8) for i in range(60)]
    data = bytes_of(pictures, form="matroska", coder={"g": "5"})
    _, found, end = read(data[: len(data) // 2])
    assert 20 <= len(found) < 40 and end.read == len(found)
    assert f"{end.until:.1f} s" in end.notes[0]


def test_damage_in_the_middle_is_passed_over():
    pictures = [np.random.default_rng(i).integers(0, 256, (120, 160, 3), np.uint8) for i in range(60)]
    data = bytearray(bytes_of(pictures, coder={"g": "5"}))
    start = data.index(b"mdat") + 4
    middle = start + (data.index(b"moov") - start) // 2
    data[middle : middle + 30_000] = bytes(30_000)
    _, found, end = read(bytes(data))
    assert len(found) > 40 and found[-1].at > 2.2
    assert any("damaged from" in note for note in end.notes)


def test_headers_that_lie_change_nothing():
    data = bytearray(bytes_of(STEPS))
    for box in (b"mvhd", b"tkhd", b"mdhd"):
        at = data.index(box) + (24 if box == b"tkhd" else 20)
        data[at : at + 4] = struct.pack(">I", 10**9)
    _, found, end = read(bytes(data))
    assert near(levels(found)) and end.read == 6


@pytest.mark.parametrize(("place", "said"), [("avih", 10**9), ("strh", 10**9), ("avih", 0)])
def test_a_count_of_pictures_that_lies_changes_nothing(place, said):
    data = bytearray(bytes_of(STEPS, **KINDS["avi"]))
    at = data.index(place.encode()) + {"avih": 8 + 16, "strh": 8 + 32}[place]
    data[at : at + 4] = struct.pack("<I", said)
    facts, found, end = read(bytes(data))
    assert near(levels(found)) and end.read == 6 and end.until == pytest.approx(0.24, abs=0.01)
    assert facts.seconds is None or facts.seconds < 86_400


@pytest.mark.parametrize("said", [1e12, 0.0, -5.0, float("nan")])
@pytest.mark.parametrize("kind", ["mkv", "webm"])
def test_a_length_that_lies_is_not_believed(kind, said):
    data = bytearray(bytes_of(STEPS, **KINDS[kind]))
    at = data.index(b"\x44\x89\x88") + 3
    data[at : at + 8] = struct.pack(">d", said)
    facts, found, end = read(bytes(data))
    assert near(levels(found)) and facts.seconds is None and end.until == pytest.approx(0.24, abs=0.01)


@pytest.mark.parametrize("said", [(1, 1), (0, 0), (16_000, 16_000), (2**31 - 1, 2**31 - 1)])
def test_a_size_that_an_avi_lies_about_does_not_decide(said):
    data = bytearray(bytes_of(STEPS, **KINDS["avi"]))
    at = data.index(b"strf") + 12
    data[at : at + 8] = struct.pack("<ii", *said)
    facts, found, _ = read(bytes(data))
    assert facts.size == (160, 120) and near(levels(found))


@pytest.mark.parametrize(("scale", "rate"), [(1, 10**9), (10**9, 1), (0, 0)])
def test_a_rate_that_lies_gives_a_time_that_can_be(scale, rate):
    data = bytearray(bytes_of(STEPS, **KINDS["avi"]))
    at = data.index(b"strh") + 28
    data[at : at + 8] = struct.pack("<II", scale, rate)
    _, found, end = read(bytes(data))
    assert near(levels(found)) and end.until == pytest.approx(0.24, abs=0.01) and len(end.notes) <= 4


@pytest.mark.parametrize("said", [(1, 1), (64, 48), (16_000, 16_000), (0, 0)])
def test_a_size_that_lies_does_not_decide(said):
    data = bytearray(bytes_of(STEPS))
    at = data.index(b"avc1") + 28  # of the sample's description; what is coded says 160 x 120
    data[at : at + 4] = struct.pack(">HH", *said)
    try:
        facts, found, _ = read(bytes(data))
    except VideoError as problem:
        assert f"{said[0]:,} x {said[1]:,} pixels" in str(problem)
    else:
        assert facts.size == (160, 120) and near(levels(found))


@pytest.mark.parametrize("form", ["matroska", "mp4", "avi"])
def test_a_film_without_a_picture_is_named(form):
    memory = io.BytesIO()
    with av.open(memory, "w", format=form) as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        container.start_encoding()
    assert "no picture" in refused(memory.getvalue())


def test_too_many_pixels_are_refused_before_they_are_decoded():
    data = bytes_of([grey(100, (7680, 4320))], coder={"preset": "ultrafast"})
    assert "7,680 x 4,320 pixels" in refused(data)


def test_an_encrypted_film_is_named():
    key = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "00" * 16, "encryption_kid": "11" * 16}
    for _ in range(20):  # each by chance: some have pictures that decode
        assert "is encrypted" in refused(bytes_of(STEPS, options=key))


def test_a_codec_that_is_not_there_is_named():
    assert "coded as zzz1" in refused(bytes_of(STEPS).replace(b"avc1", b"zzz1"))


def test_the_largest_of_several_films_is_read():
    memory = io.BytesIO()
    with av.open(memory, "w", format="matroska") as container:
        streams = []
        for size in ((32, 32), (160, 120)):
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            streams.append(stream)
        for stream in streams:
            frame = av.VideoFrame.from_ndarray(grey(99, (stream.width, stream.height)), format="rgb24")
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
            container.mux(stream.encode())
    facts, _, end = read(memory.getvalue())
    assert facts.size == (160, 120) and any("2 films" in note for note in end.notes)


def test_a_still_is_a_film_of_one_picture():
    _, pictures, end = read(bytes_of([grey(120)]))
    assert near(levels(pictures), [120]) and end.read == 1


def test_hdr_is_told():
    def pq(stream):
        stream.codec_context.color_trc = 16

    data = bytes_of(
        STEPS,
        codec="libx265",
        pix_fmt="yuv420p10le",
        coder={"x265-params": "log-level=none:transfer=16"},
        prepare=pq,
    )
    assert any("HDR" in note for note in read(data)[2].notes)


def test_a_long_film_takes_no_more_memory_than_a_short_one():
    """PyAV's frames start threads to convert themselves; a reader had room for those of some 200."""
    film = Film(bytes_of([grey(i % 250, (480, 272)) for i in range(500)], coder={"preset": "ultrafast"}))
    with FilmReader(film, Wanted(cuts=True)) as reader:
        count = sum(1 for _ in reader)
    film.close()
    assert (count, reader.end.read, reader.end.notes) == (500, 500, ())


def test_a_reader_that_dies_is_a_film_that_broke_off(monkeypatch):
    film = Film(
        bytes_of([np.random.default_rng(i).integers(0, 256, (480, 640, 3), np.uint8) for i in range(30)])
    )
    with FilmReader(film) as reader:
        items = iter(reader)
        next(items)
        reader._process.kill()
        rest = list(items)
    film.close()
    assert len(rest) < 29 and "broke down" in reader.end.notes[0]


def test_a_film_in_a_file(tmp_path):
    path = tmp_path / "a b.mp4"
    film_of(STEPS, path)
    film = Film(path)
    assert film.shown == "a b.mp4" and film.is_same_file(path) and not film.is_same_file(tmp_path / "x")
    film.close()
    with pytest.raises(VideoError, match="was removed"):
        film.fileno()
    with pytest.raises(VideoError, match="cannot be read"):
        Film(tmp_path / "not there.mp4")


def test_all_of_0_to_255_stays_as_bright_when_it_is_drawn_on():
    def full(stream):
        stream.codec_context.color_range = 2

    data = bytes_of(STEPS, form="matroska", codec="ffv1", prepare=full)
    _, found, _ = read(data, planes=True)
    bright = [float(p.pixels[:120].mean()) for p in found]
    _, as_rgb, _ = read(data)
    assert np.allclose([(y - 16) * 255 / 219 for y in bright], levels(as_rgb), atol=3)
