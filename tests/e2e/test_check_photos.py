"""From a picture to an answer in a real browser: every way in, two visitors, downloads, keyboard, phone."""

from __future__ import annotations

import io
import json
import re
import zipfile

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.images.decode import read_image
from core.images.encode import to_jpeg
from core.mask_rendering.samples import group_photo, sample_frame
from tests.e2e.conftest import settled
from tests.e2e.photo_page import choose, counted, download, drop

ASTRONAUT = to_jpeg(sample_frame("no_mask").rgb)
WALL = to_jpeg(np.full((300, 400, 3), (90, 120, 150), np.uint8))


def heading(page: Page, name: str):
    return page.get_by_role("heading", level=3, name=name)


def test_a_dropped_photo_is_answered(visitor):
    page = visitor("/check_photos")
    expect(page.get_by_text("Nothing is written down")).to_be_visible()
    drop(page, ("me.jpg", ASTRONAUT))
    expect(counted(page, "Faces")).to_have_text("1")
    expect(counted(page, "No mask")).to_have_text("1")
    card = page.locator(".mw-card")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("Not wearing a mask.")
    picture = page.get_by_role("img", name="me.jpg: 1 face")
    expect(picture).to_be_visible()
    expect(page.get_by_text(re.compile(r"512 × 512 pixels · decode \d+ ms · detect \d+ ms"))).to_be_visible()


def test_two_visitors_never_see_each_others_pictures(visitor):
    one, two = visitor("/check_photos"), visitor("/check_photos")
    drop(one, ("one.jpg", ASTRONAUT))
    drop(two, ("two.jpg", WALL))
    for page, mine, other, faces in ((one, "one.jpg", "two.jpg", "1"), (two, "two.jpg", "one.jpg", "0")):
        expect(heading(page, mine)).to_be_visible()
        expect(counted(page, "Faces")).to_have_text(faces)
        expect(heading(page, other)).to_have_count(0)


def test_one_bad_file_and_one_without_faces_among_good_ones(visitor):
    page = visitor("/check_photos")
    drop(page, ("bad.jpg", b"not a picture"), ("wall.jpg", WALL), ("me.jpg", ASTRONAUT))
    expect(page.get_by_text("bad.jpg: is not a picture")).to_be_visible()
    expect(page.get_by_text("No face found.").first).to_be_visible()
    expect(counted(page, "Faces")).to_have_text("1")


def test_a_whole_folder(visitor, tmp_path):
    (tmp_path / "door" / "monday").mkdir(parents=True)
    (tmp_path / "door" / "a.jpg").write_bytes(ASTRONAUT)
    (tmp_path / "door" / "monday" / "b.jpg").write_bytes(WALL)
    page = visitor("/check_photos")
    choose(page, "Folder")
    page.locator('input[type="file"][webkitdirectory]').set_input_files(tmp_path / "door")
    expect(counted(page, "Pictures")).to_have_text("2")
    expect(counted(page, "Faces")).to_have_text("1")


def test_a_snapshot_from_the_camera(visitor):
    page = visitor("/check_photos")
    choose(page, "Camera")
    # A camera shows black until its first pictures arrive.
    page.wait_for_function("() => document.querySelector('video')?.currentTime > 0.5")
    page.get_by_role("button", name="Take Photo").click()
    expect(heading(page, "snapshot.jpg")).to_be_visible()
    expect(counted(page, "Faces")).to_have_text("1")


def test_a_private_address_is_refused(visitor):
    page = visitor("/check_photos")
    choose(page, "Web address")
    page.get_by_label("Address of a picture").fill("http://localhost:8501/logo.png")
    page.get_by_role("button", name="Fetch").click()
    expect(page.get_by_text("only 80 and 443 are read")).to_be_visible()


def test_a_crowd_is_answered_face_by_face(visitor):
    page = visitor("/check_photos")
    drop(page, ("crowd.jpg", to_jpeg(group_photo(20).rgb)))
    expect(counted(page, "Faces")).to_have_text(re.compile(r"^(1[0-9]|20)$"))
    expect(page.locator(".mw-card")).to_have_count(int(counted(page, "Faces").inner_text()))


def test_a_control_answers_without_a_new_search(visitor):
    page = visitor("/check_photos")
    drop(page, ("me.jpg", ASTRONAUT))
    times = page.get_by_text(re.compile(r"· detect \d+ ms"))
    before = times.inner_text()
    page.get_by_text("Show boxes").click()
    settled(page)
    slider = page.get_by_role("slider", name="How sure it must be")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    settled(page)
    expect(counted(page, "Faces")).to_have_text("1")
    assert times.inner_text() == before  # measured once, and kept


def test_many_pictures_can_be_stopped_and_gone_on_with(visitor):
    page = visitor("/check_photos")
    large = to_jpeg(np.tile(group_photo(20).rgb, (2, 2, 1)))
    drop(page, *((f"{n}.jpg", large) for n in range(8)))
    expect(page.get_by_text(re.compile(r"Checking [2-7] of 8"))).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile(r"Stopped: \d+ of 8 pictures are checked"))).to_be_visible()
    done = int(counted(page, "Pictures").inner_text())
    assert 0 < done < 8
    page.get_by_role("button", name="Go on").click()
    expect(counted(page, "Pictures")).to_have_text("8")


def test_downloads_hold_what_was_found(visitor):
    page = visitor("/check_photos")
    drop(page, ("me.jpg", ASTRONAUT), ("wall.jpg", WALL))
    expect(counted(page, "Pictures")).to_have_text("2")
    settled(page)
    (me, wall) = json.loads(download(page, "JSON"))
    assert (me["image"], len(me["faces"]), wall["image"], wall["faces"]) == ("me.jpg", 1, "wall.jpg", [])
    assert download(page, "CSV").decode("utf-8-sig").startswith('"image","face","x1"')
    assert len(json.loads(download(page, "COCO"))["annotations"]) == 1
    with zipfile.ZipFile(io.BytesIO(download(page, "Pascal VOC"))) as voc:
        assert voc.namelist() == ["me.xml", "wall.xml"]
    x1, y1, x2, y2 = (round(v) for v in me["faces"][0]["box"])
    face = np.s_[y1 + 10 : y2 - 10, x1 + 10 : x2 - 10]
    sharp = drawn(download(page, "Pictures"))[face]
    page.get_by_text("Blur faces in downloads").click()
    expect(page.get_by_text("Faces are blurred in the downloaded pictures")).to_be_visible()
    settled(page)  # the buttons below come later in the same run
    blurred = drawn(download(page, "Pictures"))[face]
    edges = [np.abs(np.diff(part.astype(int), axis=0)).mean() for part in (sharp, blurred)]
    assert edges[1] < 0.4 * edges[0]


def drawn(archive: bytes) -> np.ndarray:
    with zipfile.ZipFile(io.BytesIO(archive)) as pictures:
        assert sorted(pictures.namelist()) == ["me.jpg", "wall.jpg"]
        return read_image(pictures.read("me.jpg")).rgb


def test_every_format_can_be_chosen(visitor):
    pillow_heif.register_heif_opener()
    suffixes = ["png", "webp", "bmp", "gif", "tiff", "heic", "avif"]
    files = []
    for suffix in suffixes:
        file = io.BytesIO()
        picture = Image.fromarray(sample_frame("no_mask").rgb)
        picture.save(file, "HEIF" if suffix == "heic" else suffix.upper())
        files.append({"name": f"me.{suffix}", "mimeType": f"image/{suffix}", "buffer": file.getvalue()})
    page = visitor("/check_photos")
    page.locator('input[type="file"]').first.set_input_files(files)
    expect(counted(page, "Faces")).to_have_text(f"{len(suffixes)}")
    for suffix in suffixes:
        expect(heading(page, f"me.{suffix}")).to_be_visible()


def test_a_sample_by_keyboard_alone(visitor):
    page = visitor("/check_photos")
    expect(page.locator("button", has_text="Sample")).to_be_visible()  # keys do not wait, as clicks do

    def focused() -> str:
        return page.evaluate("document.querySelector('button:focus')?.innerText ?? ''")

    def press_until(key: str, words: str) -> None:
        for _ in range(40):
            if words in focused():
                return
            page.keyboard.press(key)
        pytest.fail(f"{words} is not reached by the keyboard")

    press_until("Tab", "Photos")
    press_until("ArrowRight", "Sample")  # a group of choices is one stop of the Tab key
    page.keyboard.press("Enter")
    settled(page)
    expect(page.get_by_role("button", name="Astronaut, no mask")).to_be_visible()
    press_until("Tab", "Astronaut, no mask")
    page.keyboard.press("Enter")
    expect(counted(page, "Faces")).to_have_text("1")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_results_fit_a_phone(visitor, dark):
    page = visitor("/check_photos", phone=True, dark=dark)
    drop(page, ("a name that is long enough to be wider than any phone's screen.jpg", ASTRONAUT))
    expect(counted(page, "Faces")).to_have_text("1")
    too_wide = page.evaluate(
        """() => [...document.querySelectorAll('[data-testid="stMain"] *')]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
            .map(e => e.outerHTML.slice(0, 200))"""
    )
    assert too_wide == []


def test_a_file_name_is_shown_and_never_obeyed(visitor):
    page = visitor("/check_photos")  # which fails when the page asks another machine
    name = "![](https:%2F%2Fexample.org) <img src=x>.jpg"
    drop(page, (name, ASTRONAUT))
    expect(heading(page, name.replace("https:", "https:\u2060"))).to_be_visible()  # parted, which is not seen
