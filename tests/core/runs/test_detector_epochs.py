"""A detector's epochs, line by line: what is kept is read, what cannot be is refused by its name."""

import pytest
from pydantic import ValidationError

from core.errors import RecordError
from core.runs.detector_epochs import DetectionEpoch, SourceFound, read_detection_epochs
from core.runs.training import METRICS_FILE, append_epoch


def epoch(number: int, found: int = 15) -> DetectionEpoch:
    counted = SourceFound(n=20, found=found, false=2, ap50=0.75)
    return DetectionEpoch(
        epoch=number,
        phase="all",
        learning_rate=1e-3,
        loss=2.5,
        score=0.75,
        validation={"toy": counted},
        seconds=60,
    )


def test_lines_come_back_in_their_order(tmp_path):
    written = tuple(epoch(number) for number in range(3))
    for line in written:
        append_epoch(tmp_path, line)
    assert read_detection_epochs(tmp_path) == written


def test_a_line_that_a_crash_cut_off_is_left_out(tmp_path):
    append_epoch(tmp_path, epoch(0))
    with (tmp_path / METRICS_FILE).open("a") as file:
        file.write('{"epoch": 1, "pha')
    assert [line.epoch for line in read_detection_epochs(tmp_path)] == [0]


def test_more_cannot_be_found_than_there_is(tmp_path):
    with pytest.raises(ValidationError, match=r"validation\.toy says 21, but there are only 20"):
        epoch(0, found=21)
    append_epoch(tmp_path, epoch(0))
    line = (tmp_path / METRICS_FILE).read_text()
    (tmp_path / METRICS_FILE).write_text(line.replace('"found": 15', '"found": 21') * 2)
    with pytest.raises(RecordError, match=METRICS_FILE):
        read_detection_epochs(tmp_path)
