"""From a picture to an answer in a real browser: every way in, two visitors, downloads, keyboard, phone."""

from __future__ import annotations

import io
import json
import re
import zipfile
from itertools import pairwise

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.images.decode import read_image
from core.images.encode import to_jpeg
from core.mask_rendering.samples import group_photo, sample_frame
from tests.e2e.conftest import WAIT_MS, settled
from tests.e2e.photo_page import choose, counter, download, drop, heading, tile, totals

ASTRONAUT = to_jpeg(sample_frame("no_mask").rgb)
WALL = to_jpeg(np.full((300, 400, 3), (90, 120, 150), np.uint8))


def test_a_dropped_photo_is_answered(visitor):
    page = visitor("/check_photos")
    expect(page.get_by_text("Nothing is saved or shared")).to_be_visible()
    drop(page, ("me.jpg", ASTRONAUT))
    expect(totals(page)).to_have_text("1 photo, 1 face")
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
    for page, mine, other, faces in (
        (one, "one.jpg", "two.jpg", "1 face"),
        (two, "two.jpg", "one.jpg", "0 faces"),
    ):
        expect(heading(page, mine)).to_be_visible()
        expect(totals(page)).to_contain_text(faces)
        expect(page.get_by_text(other)).to_have_count(0)


def test_one_bad_file_and_one_without_faces_among_good_ones(visitor):
    page = visitor("/check_photos")
    drop(page, ("bad.jpg", b"not a picture"), ("wall.jpg", WALL), ("me.jpg", ASTRONAUT))
    expect(totals(page)).to_have_text("3 photos (1 not read, 1 without a face), 1 face")
    expect(page.locator(".mw-open")).to_have_count(3)
    expect(page.locator(".mw-name")).to_have_text(["me.jpg", "bad.jpg", "wall.jpg"])
    page.get_by_text("1 photo was not read: bad.jpg").click()
    expect(page.get_by_text("bad.jpg: is not a picture")).to_be_visible()
    page.get_by_role("button", name="bad.jpg It is not a picture").click()
    expect(page.get_by_role("alert").filter(has_text="It is not a picture")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(heading(page, "wall.jpg")).to_be_visible()
    expect(page.get_by_text("No face found.").first).to_be_visible()


def test_a_whole_folder(visitor, tmp_path):
    (tmp_path / "door" / "monday").mkdir(parents=True)
    (tmp_path / "door" / "a.jpg").write_bytes(ASTRONAUT)
    (tmp_path / "door" / "monday" / "b.jpg").write_bytes(WALL)
    for litter in (".DS_Store", "notes.txt", "clip.mp4"):
        (tmp_path / "door" / litter).write_bytes(b"x")
    page = visitor("/check_photos")
    choose(page, "Folder")
    page.locator('input[type="file"][webkitdirectory]').set_input_files(tmp_path / "door")
    expect(totals(page)).to_have_text("2 photos (1 without a face), 1 face")
    expect(page.get_by_text("2 files that are no pictures were skipped")).to_be_visible()
    expect(page.get_by_text("clip.mp4 is a video")).to_be_visible()


def test_a_snapshot_from_the_camera(visitor):
    page = visitor("/check_photos")
    choose(page, "Camera")
    # A camera shows black until its first pictures arrive.
    page.wait_for_function("() => document.querySelector('video')?.currentTime > 0.5")
    page.get_by_role("button", name="Take Photo").click()
    expect(heading(page, "snapshot.jpg")).to_be_visible()
    expect(totals(page)).to_have_text("1 photo, 1 face")


def test_a_private_address_is_refused(visitor):
    page = visitor("/check_photos")
    choose(page, "Web address")
    page.get_by_label("Address of a picture").fill("http://localhost:8501/logo.png")
    page.get_by_role("button", name="Fetch").click()
    expect(page.get_by_text("only 80 and 443 are allowed")).to_be_visible()


def test_a_crowd_is_answered_face_by_face(visitor):
    page = visitor("/check_photos")
    drop(page, ("crowd.jpg", to_jpeg(group_photo(20).rgb)))
    expect(totals(page)).to_have_text(re.compile(r"^1 photo, (1[0-9]|20) faces$"))
    faces = int(totals(page).inner_text().split()[2])
    expect(page.locator(".mw-card")).to_have_count(faces)
    expect(page.locator(".mw-frame")).to_have_count(faces)
    placed = page.locator(".mw-frame").evaluate_all(  # all at one time
        """frames => frames.map(frame => {
            const {left, right} = frame.getBoundingClientRect();
            return [Number(frame.dataset.face), (left + right) / 2];
        })"""
    )
    numbers, middles = [n for n, _ in placed], dict(placed)
    from_the_left = [middles[n] for n in sorted(numbers)]
    assert all(one <= next_one + 1 for one, next_one in pairwise(from_the_left))


def test_a_control_answers_without_a_new_search(visitor):
    page = visitor("/check_photos")
    drop(page, ("me.jpg", ASTRONAUT))
    times = page.get_by_text(re.compile(r"· detect \d+ ms"))
    before = times.inner_text()
    page.get_by_text("Show boxes").click()
    settled(page)
    slider = page.get_by_role("slider", name="Minimum certainty")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    settled(page)
    expect(totals(page)).to_have_text("1 photo, 1 face")
    assert times.inner_text() == before  # measured once, and kept


def test_many_pictures_can_be_stopped_and_gone_on_with(visitor):
    page = visitor("/check_photos")
    # As many as take quick machines a while: the button has to be hit before they are done
    large = to_jpeg(np.tile(group_photo(20).rgb, (2, 2, 1)))
    drop(page, *((f"{n}.jpg", large) for n in range(24)))
    expect(page.get_by_text(re.compile(r"Checking \d+ of 24"))).to_be_visible()
    expect(tile(page, "0.jpg").locator(".mw-plate").first).to_be_visible()  # what is done is shown meanwhile
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile(r"Stopped after \d+ of 24"))).to_be_visible()
    expect(totals(page)).to_have_text(re.compile(r"^24 photos \(\d+ waiting\)"))
    page.get_by_role("button", name="Resume").click()
    expect(totals(page)).to_have_text(re.compile(r"^24 photos, "), timeout=4 * WAIT_MS)  # 2,000 faces


def test_downloads_hold_what_was_found(visitor):
    page = visitor("/check_photos")
    drop(page, ("me.jpg", ASTRONAUT), ("wall.jpg", WALL), ("bad.jpg", b"no picture"))
    expect(totals(page)).to_have_text("3 photos (1 not read, 1 without a face), 1 face")
    settled(page)
    (me, wall, bad) = json.loads(download(page, "JSON"))
    assert (me["image"], len(me["faces"]), wall["image"], wall["faces"]) == ("me.jpg", 1, "wall.jpg", [])
    assert bad["image"] == "bad.jpg" and bad["error"].startswith("bad.jpg: is not a picture")
    assert me["faces"][0]["answer"] == "without_mask" and 0.5 < me["faces"][0]["confidence"] <= 1
    table = download(page, "CSV").decode("utf-8-sig")
    assert table.startswith('"image","face","x1"') and "bad.jpg: is not a picture" in table
    assert len(json.loads(download(page, "COCO"))["annotations"]) == 1
    with zipfile.ZipFile(io.BytesIO(download(page, "Pascal VOC"))) as voc:
        assert voc.namelist() == ["me.xml", "wall.xml"]
    x1, y1, x2, y2 = (round(v) for v in me["faces"][0]["box"])
    face = np.s_[y1 + 10 : y2 - 10, x1 + 10 : x2 - 10]
    sharp = drawn(download(page, "Annotated photos (zip)"))[face]
    blurred = drawn(download(page, "Blurred photos (zip)"))[face]
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
    expect(totals(page)).to_have_text(f"{len(suffixes)} photos, {len(suffixes)} faces")
    for suffix in suffixes:
        expect(tile(page, f"me.{suffix}")).to_be_visible()


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
    expect(totals(page)).to_have_text("1 photo, 1 face")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_results_fit_a_phone(visitor, dark):
    page = visitor("/check_photos", phone=True, dark=dark)
    drop(page, ("a name that is long enough to be wider than any phone's screen.jpg", ASTRONAUT))
    expect(totals(page)).to_have_text("1 photo, 1 face")
    expect(page.locator(".mw-card")).to_be_visible()
    assert too_wide(page) == []
    drop(page, ("wall.jpg", WALL))
    page.get_by_role("button", name="← All photos").click()
    expect(page.locator(".mw-open")).to_have_count(2)
    assert too_wide(page) == []


def too_wide(page: Page) -> list[str]:
    """What reaches beyond the screen, in our own components too."""
    return page.evaluate(
        """() => {
            const all = (root) => [...root.querySelectorAll('*')]
              .flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])]);
            return all(document.querySelector('[data-testid="stMain"]'))
              .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.mw-look'))
              .map(e => e.outerHTML.slice(0, 200));
        }"""
    )


def test_a_file_name_is_shown_and_never_obeyed(visitor):
    page = visitor("/check_photos")  # which fails when the page asks another machine
    name = "![](https:%2F%2Fexample.org) <img src=x>.jpg"
    drop(page, (name, ASTRONAUT))
    expect(heading(page, name)).to_be_visible()


# --- the place to work in ------------------------------------------------------------------------


def four(visitor, **options) -> Page:
    page = visitor("/check_photos", **options)
    on = to_jpeg(sample_frame("worn_right").rgb)
    drop(
        page,
        ("wall.jpg", WALL),
        ("on.jpg", on),
        ("me.jpg", ASTRONAUT),
        ("group.jpg", to_jpeg(group_photo(4).rgb)),
    )
    expect(totals(page)).to_have_text(re.compile(r"^4 photos \(1 without a face\), [56] faces$"))
    return settled(page)


def test_counters_filter_photos_and_agree_with_them(visitor):
    page = four(visitor)
    faces = int(totals(page).inner_text().split(", ")[1].split()[0])
    answers = [counter(page, words) for words in ("No mask", "Worn incorrectly", "Cannot tell", "Mask on")]
    assert sum(int(re.findall(r"\d+", one.inner_text())[-1]) for one in answers) == faces
    counter(page, "Mask on").click()
    expect(tile(page, "on.jpg")).to_be_visible()
    expect(tile(page, "wall.jpg")).to_have_count(0)
    counter(page, "No face").click()
    expect(page.locator(".mw-open")).to_have_count(1)
    counter(page, "Photos").click()
    expect(page.locator(".mw-open")).to_have_count(4)


def test_a_photo_is_opened_walked_through_and_removed_by_keyboard(visitor):
    page = four(visitor)
    first = page.locator(".mw-open").first
    first.focus()
    page.keyboard.press("ArrowRight")
    name = page.locator(".mw-open:focus .mw-name").inner_text()
    page.keyboard.press("Enter")
    expect(heading(page, name)).to_be_visible()
    expect(page.get_by_text("2 of 4")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("3 of 4")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".mw-open")).to_have_count(4)
    expect(page.locator(".mw-open:focus")).to_have_count(1)  # where one came from
    gone = page.locator(".mw-open:focus .mw-name").inner_text()
    page.keyboard.press("Delete")
    expect(page.locator(".mw-open")).to_have_count(3)
    expect(tile(page, gone)).to_have_count(0)


def test_boxes_and_cards_are_linked_and_a_crowd_can_be_looked_at_closely(visitor):
    page = visitor("/check_photos")
    large = np.tile(group_photo(20).rgb, (2, 2, 1))
    drop(page, ("crowd.jpg", to_jpeg(large)))
    expect(page.locator(".mw-card").first).to_be_visible()
    settled(page)
    card = page.locator(".mw-card").nth(2)
    number = card.get_attribute("data-face")
    box = page.locator(f'.mw-frame[data-face="{number}"]')
    card.hover()
    expect(box).to_have_class(re.compile("mw-on"))
    box.focus()
    expect(card).to_have_class(re.compile("mw-on"))
    before = box.evaluate("box => box.offsetWidth")
    card.get_by_role("button", name=f"Face {number}").click()
    expect(page.locator(".mw-zoomed")).to_be_visible()
    page.wait_for_function("([box, wide]) => box.offsetWidth > wide", arg=[box.element_handle(), 3 * before])
    picture = page.locator(".mw-sheet img")
    page.wait_for_function(
        "([shown, wide]) => shown.naturalWidth === wide", arg=[picture.element_handle(), large.shape[1]]
    )
    expect(box).to_have_class(re.compile("mw-picked"))  # the whole picture came, the choice stayed
    page.get_by_title("Fit").click()
    expect(page.locator(".mw-zoomed")).to_have_count(0)


def test_a_video_and_what_is_too_large_are_refused_in_words(visitor):
    page = visitor("/check_photos")
    drop(page, ("clip.mp4", b"film"), ("report.pdf", b"x"), ("me.jpg", ASTRONAUT))
    expect(page.get_by_text("clip.mp4 is a video. This page reads photos.")).to_be_visible()
    expect(page.get_by_text("report.pdf is no picture and was skipped.")).to_be_visible()
    expect(totals(page)).to_have_text("1 photo, 1 face")


SLOW_SCRIPTS = """window.held = new Promise(done => { window.release = done; });
const make = URL.createObjectURL.bind(URL);
URL.createObjectURL = (blob) => !blob.type.includes("javascript") ? make(blob) : make(new Blob([
    `await window.held; export default (await import("${make(blob)}")).default;`], {type: blob.type}));"""


def test_a_video_that_comes_before_the_script_that_listens_is_named_too(visitor):
    page = visitor("/check_photos", init=[SLOW_SCRIPTS])
    drop(page, ("clip.mp4", b"film"))
    expect(page.get_by_text("clip.mp4", exact=True)).to_be_visible()  # the uploader's own, with a red sign
    expect(page.locator(".mw-drop[data-state=ready]")).to_have_count(0)
    page.evaluate("window.release()")
    expect(page.get_by_text("clip.mp4 is a video")).to_be_visible()


PASTE = """([bytes, name]) => {
    const file = new File([new Uint8Array(bytes)], name, {type: "image/jpeg"}), given = new DataTransfer();
    given.items.add(file);
    const event = %s;
    document.body.dispatchEvent(event);
}"""
ASKS_BEFORE_IT_LEAVES = "!window.dispatchEvent(new Event('beforeunload', {cancelable: true}))"
WAYS = {
    "paste": 'new ClipboardEvent("paste", {clipboardData: given, bubbles: true, cancelable: true})',
    "drop": 'new DragEvent("drop", {dataTransfer: given, bubbles: true, cancelable: true})',
}


@pytest.mark.parametrize("way", list(WAYS))
def test_a_photo_is_pasted_or_dropped_anywhere(visitor, way):
    page = visitor("/check_photos")
    if way == "paste":
        choose(page, "Sample")  # where no uploader is on the screen
    expect(page.locator(".mw-drop[data-state=ready]")).to_be_attached()
    assert not page.evaluate(ASKS_BEFORE_IT_LEAVES)
    page.evaluate(PASTE % WAYS[way], [list(ASTRONAUT), "me.jpg"])
    expect(totals(page)).to_have_text("1 photo, 1 face")
    expect(heading(page, "me.jpg")).to_be_visible()
    page.wait_for_function(ASKS_BEFORE_IT_LEAVES)  # for a reload loses the photos


def test_many_photos_come_a_few_at_a_time_and_all_of_them(visitor):
    page = visitor("/check_photos")
    small = [(f"{n:02}.jpg", to_jpeg(np.full((40, 60, 3), 2 * n, np.uint8))) for n in range(90)]
    drop(page, *small, ("clip.mp4", b"film"))
    expect(page.get_by_text("clip.mp4 is a video")).to_be_visible()
    expect(totals(page)).to_have_text("90 photos (90 without a face), 0 faces")
    names = page.locator(".mw-name").all_text_contents()  # those far below are not laid out
    assert sorted(names) == [name for name, _ in small]


def test_a_zip_of_photos(visitor):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("door/me.jpg", ASTRONAUT)
        archive.writestr("door/notes.txt", b"x")
    page = visitor("/check_photos")
    drop(page, ("photos.zip", packed.getvalue()))
    expect(totals(page)).to_have_text("1 photo, 1 face")
    expect(page.get_by_text("1 file that is no picture was skipped")).to_be_visible()


def test_settings_stay_with_the_visit_on_every_page(visitor):
    page = visitor("/check_photos")
    page.get_by_text("Blur faces in downloads").click()
    settled(page)
    slider = page.get_by_role("slider", name="Minimum certainty")
    slider.focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    page.wait_for_url(re.compile(r"blur=1.*certainty=41|certainty=41.*blur=1"))
    for name in ("Live video", "Home", "Check photos"):
        page.get_by_role("link", name=name, exact=True).first.click()
        settled(page)
    expect(page.get_by_text("Faces are blurred in the downloaded pictures")).to_be_visible()
    expect(page.get_by_text("41%", exact=True)).to_be_visible()


def test_a_wrong_answer_is_kept_and_given_away_as_corrections(visitor):
    page = visitor("/check_photos")
    drop(page, ("me.jpg", ASTRONAUT))
    page.get_by_role("button", name="This is wrong").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Mask on", exact=True).click()
    dialog.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("You said: Mask on.")).to_be_visible()
    settled(page)
    header, line = download(page, "Corrections (1)").decode("utf-8-sig").splitlines()
    assert header == "path,row,x1,y1,x2,y2,label,right_label"
    assert line.startswith("me.jpg,,") and line.endswith(",without_mask,with_mask")


def test_a_face_is_explained_in_the_dashboard(visitor):
    page = visitor("/check_photos")
    drop(page, ("me.jpg", ASTRONAUT))
    page.get_by_role("button", name="Explain", exact=True).click()
    expect(page.get_by_test_id("stMain").get_by_text("me.jpg", exact=True)).to_be_visible()
    expect(page.get_by_role("radio", name="Picked")).to_be_checked()
    page.wait_for_url(re.compile("view=explain"))


def test_the_report_opens_offline_and_holds_every_photo(visitor, browser, tmp_path):
    page = four(visitor)
    report = tmp_path / "report.html"
    report.write_bytes(download(page, "Report to print, faces blurred (HTML)"))
    context = browser.new_context(offline=True)
    printed = context.new_page()
    printed.goto(report.as_uri())
    expect(printed.locator(".photo")).to_have_count(4)
    assert printed.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    expect(printed.get_by_text("Faces are blurred.")).to_be_visible()
    context.close()
