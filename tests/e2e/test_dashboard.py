"""The dashboard in real Chromium: a click on a cell, a threshold that photos obey, a stranger's run."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from playwright.sync_api import Page, expect

from core import settings
from core.mask_rendering.samples import SAMPLES
from core.models.card import CARD_FILE
from core.models.installed import SHIPPED
from core.models.operating_points import OPERATING_POINT_FILE
from core.runs.catalog import SHIPPED_RUNS
from tests.e2e.conftest import eventually, settled
from tests.shipped import DEFAULT_RUN
from ui.dashboard.views import VIEWS


def chart(page: Page, title: str):
    """A Plotly chart by its title."""
    return page.locator(".js-plotly-plot").filter(has=page.locator(".gtitle", has_text=title))


def press(page: Page, choice: str) -> None:
    """One of a row of choices, which Streamlit makes of radio buttons or of plain ones."""
    page.get_by_role("radio", name=choice).or_(page.get_by_role("button", name=choice)).first.click()
    settled(page)


def counted(page: Page, what: str):
    metric = page.get_by_test_id("stMetric").filter(has_text=re.compile(re.escape(what)))
    return metric.get_by_test_id("stMetricValue")


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_click_on_a_confusion_cell_opens_its_faces(phone, visitor):
    page = visitor("/dashboard?run=mask3-v1&view=mistakes", phone=phone)
    matrix = chart(page, "Confusion matrix")
    cells = matrix.locator(".scatterlayer .point, .scatterlayer path")
    expect(cells).to_have_count(9)
    matrix.scroll_into_view_if_needed()

    def the_lower_left_cell_opens() -> None:
        # Rows from above: with_mask, incorrect_mask, without_mask; so that cell is 12 unmasked faces.
        boxes = cells.evaluate_all("cells => cells.map(cell => cell.getBoundingClientRect().toJSON())")
        left = min(boxes, key=lambda box: (round(-box["y"] / 4), box["x"]))
        page.mouse.click(left["x"] + left["width"] * 0.2, left["y"] + left["height"] * 0.8)
        heading = page.get_by_role("heading", name=re.compile("^12 faces: “No mask”"))
        expect(heading).to_be_visible(timeout=5000)  # else the chart has moved meanwhile

    eventually(page, the_lower_left_cell_opens)
    # The two select boxes, for those who do not click, say the same.
    for name, chosen in (("True label", "No mask"), ("Predicted as", "Mask on")):
        expect(page.get_by_role("combobox", name=name)).to_have_value(chosen)


def test_a_threshold_is_moved_and_saved_and_the_photo_page_obeys(fresh_server, visitor, tmp_path):
    models = shutil.copytree(SHIPPED, tmp_path / "models")
    path = models / "mask3" / CARD_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | {"temperature": 4}))  # less sure of the sample
    card = path.read_bytes()
    server = fresh_server(env={settings.MODELS.name: str(models)})

    page = visitor(server.owner_path(), of=server)
    page.goto(f"{server.url}/dashboard?run={DEFAULT_RUN}&view=thresholds")
    press(page, "Alarm threshold")
    slider = page.get_by_role("slider", name="Alarm threshold")
    expect(slider).to_be_enabled()
    alarms = counted(page, "Alarms")
    before = alarms.inner_text()
    slider.press("Home")
    expect(slider).to_have_value("1")
    expect(alarms).not_to_have_text(before)
    settled(page).get_by_role("button", name="Use it in the app").click()
    expect(page.get_by_text("The app uses it from now on")).to_be_visible()
    saved = json.loads((models / "mask3" / OPERATING_POINT_FILE).read_text())
    assert saved["alarm_threshold"] == pytest.approx(0.01)

    photos = visitor("/check_photos", of=server)
    press(photos, "Sample")
    press(photos, SAMPLES["worn_right"])
    # As likely "Mask on", but an alarm with so many percent is now over the threshold.
    expect(photos.get_by_role("button", name="Face 1: Worn incorrectly")).to_be_visible()

    page.get_by_role("button", name="Restore the default").click()
    expect(page.get_by_text("The app uses the model's own again")).to_be_visible()  # no tooltip says so
    assert not (models / "mask3" / OPERATING_POINT_FILE).exists()
    press(photos, SAMPLES["no_mask"])  # whatever runs the page again
    photos.get_by_role("button", name="Next photo").click()
    expect(photos.get_by_role("heading", name="mask worn right")).to_be_visible()
    expect(photos.get_by_role("button", name="Face 1: Worn incorrectly")).to_have_count(0)
    assert path.read_bytes() == card


def test_curves_of_a_training_grow_before_ones_eyes(fresh_server, visitor, tmp_path):
    ignored = shutil.ignore_patterns("checkpoints", "evaluation*", "predictions*", "calibration*")
    folder = shutil.copytree(SHIPPED_RUNS / "mask3-v1", tmp_path / "runs" / "now", ignore=ignored)
    lines = (folder / "metrics.jsonl").read_text().splitlines(keepends=True)
    (folder / "metrics.jsonl").write_text("".join(lines[:2]))
    server = fresh_server(env={settings.RUNS.name: str(tmp_path / "runs")})
    page = visitor("/dashboard?run=now&view=curves", of=server)
    best = chart(page, "Loss").locator(".scatterlayer .trace").first.locator(".point")
    expect(best).to_have_count(2)
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(lines[2])
    expect(best).to_have_count(3)  # without a touch


def test_a_strangers_run_on_a_phone_runs_no_script_and_asks_no_other_site(fresh_server, visitor, tmp_path):
    """The visitor fixture fails the test when the page asks another machine or logs an error."""
    evil = "<img src=x onerror=alert(1)>"
    link = "![](https://example.org/x.png)[x](javascript:alert(1))"
    folder = shutil.copytree(SHIPPED_RUNS / "mask3-v1", tmp_path / "runs" / "stranger")
    for file, old, new in (
        ("config.json", '"recipe": "mask3"', f'"recipe": "{evil}"'),
        ("config.json", '"device": "', f'"device": "{link}'),
        ("config.json", '"with_mask",\n', f'"{evil}",\n'),
        ("metrics.jsonl", '"all layers"', f'"{link}<b>bold</b>"'),
        ("evaluation.json", "kary_part1", evil),
        ("evaluation.json", '"with_mask"', f'"{link}"'),
        ("predictions.csv", "with_mask,incorrect", f"{link},incorrect"),
    ):
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new))
    server = fresh_server(env={settings.RUNS.name: str(tmp_path / "runs")})
    page = visitor("/dashboard?run=stranger&view=report", of=server, phone=True)
    page.on("dialog", lambda dialog: pytest.fail(f"a stranger's script ran: {dialog.message}"))
    main = page.get_by_test_id("stMain")
    for view, (shown, _) in VIEWS.items():
        page.get_by_test_id("stButtonGroup").first.locator("p", has_text=shown.rpartition(": ")[2]).click()
        page.wait_for_url(f"**view={view}*")
        settled(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        foreign = "img[src='x'], img[src*='example.org'], a[href^='javascript'], svg a"
        assert main.locator(foreign).count() == 0, view
        too_wide = page.evaluate(
            """() => [...document.querySelectorAll('[data-testid=stMain] :is(.js-plotly-plot, table)')]
                .filter(shown => shown.getBoundingClientRect().right > innerWidth + 1).length"""
        )
        assert too_wide == 0 and page.evaluate("document.documentElement.scrollWidth") <= 390, view
