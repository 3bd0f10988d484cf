"""The short version of `python -m bench.live_beside_photos`, at a rate that a busy machine can serve."""

from bench.live_beside_photos import Live, hostile, load, row, watch

RATE = 8.0  # answers a second: what two cores serve alone is eight times that


def test_hostile_pictures_leave_live_video_nine_tenths_of_its_answers():
    pipeline = load()
    alone = watch(pipeline, 2, RATE, [], 0)
    beside = watch(pipeline, 5, RATE, hostile(), 4)
    assert beside.rate >= 0.9 * alone.rate, row("4 visitors", beside, alone)


def test_the_share_is_that_of_the_answers_alone():
    assert "| 4 visitors | 5.0 | 50% | 10 | 10 | 3 |" == row(
        "4 visitors", Live(2, (10.0,) * 10, 3), Live(1, (5.0,) * 10, 0)
    )
