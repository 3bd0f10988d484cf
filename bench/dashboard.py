"""How long the dashboard takes to open many runs, in real Chromium.

    python -m bench.dashboard [--runs 50] [--faces 10000]

Writes runs of made-up predictions (eight labels, seeded) into a temporary folder, and opens the page with and
without them, each on a server of its own: as its first visitor, whose browser has never seen the app, then
again and again. What both columns share is Streamlit and Plotly starting in the browser.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from bench.app_server import AppServer, served_app
from bench.chromium import open_chromium
from core import settings
from core.labels import GENDER_WEAR_8
from core.metrics import calibration_bins, confusion, expected_calibration_error, rate, wilson
from core.records import Labels
from core.review import class_report
from core.runs import (
    Calibration,
    CalibrationBin,
    Epoch,
    Evaluation,
    FacePrediction,
    RunConfig,
    append_epoch,
    write_calibration,
    write_config,
    write_evaluation,
    write_predictions,
)
from training.evaluation import measures

EPOCHS = 20
SOURCES = ("clinic", "factory", "street", "studio")
VIEWS = ("curves", "report", "mistakes", "thresholds", "calibration")
REPEATS = 5
TABLE, CHART = '[data-testid="stDataFrame"]', ".js-plotly-plot"
SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def write_run(folder: Path, faces: int, seed: int) -> None:
    """A finished training's records; its faces are named right some nine times in ten."""
    labels, rng = GENDER_WEAR_8, np.random.default_rng(seed)
    folder.mkdir(parents=True)
    named = Labels(set=labels.name, names=labels.labels)
    write_config(folder, _config(folder.name, named, seed, faces))
    for number in range(EPOCHS):
        append_epoch(folder, _epoch(number, labels.labels))
    calibration = Calibration(schema=1, temperature=0.9, n=1000, ece_before=0.05, ece_after=0.02)
    write_calibration(folder, calibration)
    true = rng.integers(len(labels), size=faces)
    strength = rng.gamma(0.2, size=(faces, len(labels)))
    strength[np.arange(faces), true] += rng.gamma(2.0, size=faces)
    probabilities = strength / strength.sum(axis=1, keepdims=True)
    sources = rng.choice(SOURCES, size=faces)
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    correct = predicted == true
    margin = confidence - np.partition(probabilities, -2, axis=1)[:, -2]
    tables = {s: confusion(true[sources == s], predicted[sources == s], len(labels)) for s in SOURCES}
    face_px = rng.integers(16, 300, size=faces).astype(float)
    evaluation = Evaluation(
        schema=1,
        model="bench",
        weights_sha256="0" * 64,
        manifest_sha256="0" * 64,
        labels=named,
        n=faces,
        unreadable=(),
        confusion={source: tuple(tuple(map(int, row)) for row in t) for source, t in tables.items()},
        scores=tuple(measures.scores(tables, labels.labels)),
        accuracy=rate(int(correct.sum()), faces),
        interval=wilson(int(correct.sum()), faces),
        report=class_report.report(np.sum(list(tables.values()), axis=0), labels.labels),
        bootstrap=measures.bootstrap(
            true, predicted, [str(group) for group in rng.integers(faces // 2, size=faces)], labels.labels
        ),
        majority=measures.baseline(true, labels.labels),
        one_vs_rest=tuple(
            measures.one_vs_rest(label, probabilities[:, class_index], true == class_index)
            for class_index, label in enumerate(labels)
        ),
        margins=measures.margins(margin, correct, 0.25),
        calibration=tuple(CalibrationBin.model_validate(b) for b in calibration_bins(confidence, correct)),
        ece=expected_calibration_error(confidence, correct),
        temperature=0.9,
        calibration_fit=calibration,
        face_px_slices=measures.slices(face_px, correct, (0.0, 32.0, 64.0, 128.0, float("inf"))),
        kinds={"source": measures.by_value(list(sources), correct)},
    )
    write_evaluation(folder, evaluation)
    write_predictions(
        folder,
        labels.labels,
        (
            FacePrediction(
                source=sources[i],
                id=str(i),
                label=labels.labels[true[i]],
                probabilities=tuple(probabilities[i]),
                face_px=face_px[i],
                sharpness=0.2,
                brightness=120,
            )
            for i in range(faces)
        ),
    )


def _config(name: str, labels: Labels, seed: int, faces: int) -> RunConfig:
    return RunConfig(
        schema=1,
        id=name,
        recipe="bench",
        settings={"architecture": "none", "size": 128, "pictures_per_epoch": faces},
        labels=labels,
        seed=seed,
        git_commit="0" * 40,
        versions={"python": "3"},
        manifest_sha256="0" * 64,
        split_sizes={"train": faces, "validation": 1000},
        device="none",
        started="2026-01-01T00:00:00+00:00",
    )


def _epoch(number: int, labels: tuple[str, ...]) -> Epoch:
    loss = 1 / (number + 1)
    return Epoch(
        epoch=number,
        phase="head" if number < EPOCHS // 2 else "all layers",
        learning_rate=0.001,
        loss=loss,
        accuracy=1 - loss / 2,
        val_loss=loss + 0.1,
        val_accuracy=0.9 - loss / 2,
        score=0.9 - loss / 2,
        validation={f"{source}/{label}": (90, 100) for source in SOURCES for label in labels},
        seconds=60,
    )


def opened_s(page: Page, address: str) -> float:
    """Seconds from the request until the table and the view's last chart stand and the script has ended."""
    start = time.perf_counter()
    page.goto(address)
    page.locator(TABLE).first.wait_for(timeout=60_000)
    page.locator(CHART).last.wait_for(timeout=60_000)
    page.locator(SETTLED).wait_for(timeout=60_000)
    return time.perf_counter() - start


def measure(browser: Browser, server: AppServer, run: str) -> dict[str, float]:
    """Seconds by what was opened; the median of `REPEATS` but for the first visit, of which there is one."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    address = f"{server.url}/dashboard?run={run}&view="
    found = {"first visit, browser cold": opened_s(page, address + VIEWS[0])}
    for view in VIEWS:
        found[view] = statistics.median(opened_s(page, address + view) for _ in range(REPEATS))
    page.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Opening the dashboard with many runs.")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--faces", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        for number in range(options.runs):
            write_run(Path(folder, f"bench-{number:02}"), options.faces, seed=number)
        browser = open_chromium(playwright.chromium)
        with served_app() as server:
            few = measure(browser, server, "mask3-v1")
        os.environ[settings.RUNS.name] = folder
        with served_app() as server:
            many = measure(browser, server, "bench-00")
            page = browser.new_page()
            opened_s(page, f"{server.url}/dashboard?run=bench-00&view=curves")
            append_epoch(Path(folder, "bench-00"), _epoch(EPOCHS, GENDER_WEAR_8.labels))
            changed = opened_s(page, f"{server.url}/dashboard?run=bench-00&view=curves")
        browser.close()
    print(f"seconds to open; {options.runs} runs of {options.faces:,} predictions beside those shipped")
    print(f"{'':28}{'shipped only':>14}{f'{options.runs} more':>10}")
    for what, seconds in many.items():
        print(f"{what:28}{few[what]:14.2f}{seconds:10.2f}")
    print(f"{'curves, a record changed':28}{'':14}{changed:10.2f}")


if __name__ == "__main__":
    main()
