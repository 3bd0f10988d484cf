"""Ray on two nodes of this machine: with a worker killed and a node gone, rows are those of one process.

Runs where these are installed: pip install -r requirements-ray.txt -r requirements-storage.txt "moto[server]"
"""

import io
import os
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.scale.cluster import LoopbackCluster
from core.bulk import TRIES, CheckOptions, Job, run_job
from core.errors import JobError
from core.photos import RayEngine
from tests.core.bulk.in_process import NO_FACE, ONE_FACE, OPTIONS, InProcess, answered, make_photos
from tests.core.bulk.s3_server import require, s3_server

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install -r requirements-ray.txt")

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]  # of Ray's own
PICTURES = 60  # fifteen parts


@pytest.fixture(scope="module")
def bucket():
    require()
    with s3_server() as put:
        yield put


@pytest.fixture(scope="module")
def cluster(bucket):
    """A head, and a node that may leave. Both know where the bucket is."""
    made = LoopbackCluster()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return make_photos(tmp_path_factory.mktemp("photos"), PICTURES)


@pytest.fixture(scope="module")
def expected(photos, tmp_path_factory):
    return of(photos, tmp_path_factory.mktemp("whole"), InProcess)


def of(photos, folder, engine, **options):
    output = folder / "r.parquet"
    job = Job([str(photos)], output, OPTIONS, workers=2, recursive=True, **options)
    run_job(job, engine, said=io.StringIO())
    return answered(output)


def actors():
    """Processes of workers on this machine."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(b"ray::") and b"_Worker" in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def test_rows_are_those_of_one_process_though_a_worker_is_killed_and_a_node_leaves(
    cluster, photos, expected, tmp_path
):
    happened = []

    class Disturbed(RayEngine):
        def run(self, plan, numbers, folder):
            for n, tally in enumerate(super().run(plan, numbers, folder)):
                if n == 2:
                    os.kill(actors()[0], signal.SIGKILL)
                    happened.append("killed")
                if n == 5:
                    cluster.lose_node()
                    happened.append("left")
                yield tally

    assert of(photos, tmp_path, lambda options: Disturbed(options, None, cluster.address)) == expected
    assert happened == ["killed", "left"]


def test_a_run_that_was_stopped_goes_on(cluster, photos, expected, tmp_path):
    class Stopped(RayEngine):
        def run(self, plan, numbers, folder):
            for n, tally in enumerate(super().run(plan, numbers, folder)):
                if n == 4:
                    raise KeyboardInterrupt
                yield tally

    with pytest.raises(KeyboardInterrupt):
        of(photos, tmp_path, lambda options: Stopped(options, None, cluster.address))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("r.parquet.parts/part-*")}
    assert len(before) >= 4

    class Again(RayEngine):
        def run(self, plan, numbers, folder):
            assert len(numbers) == 15 - len(before)
            return super().run(plan, numbers, folder)

    assert of(photos, tmp_path, lambda o: Again(o, None, cluster.address), resume=True) == expected


def test_what_a_worker_says_is_said(cluster, tmp_path):
    engine = RayEngine(OPTIONS.__class__(model="absent"), None, cluster.address)
    with engine, pytest.raises(JobError, match="No model named 'absent'"):
        engine.facts()


def test_a_worker_heeds_the_settings_of_who_asks(cluster, monkeypatch):
    monkeypatch.setenv("MASKWISE_ENGINE", "abacus")  # set after the nodes have started
    engine = RayEngine(OPTIONS, None, cluster.address)
    with engine, pytest.raises(JobError, match="MASKWISE_ENGINE is 'abacus'"):
        engine.facts()


def test_without_an_address_ray_starts_here_beside_other_clusters_and_says_where_memory_is_short(
    cluster, monkeypatch
):
    monkeypatch.setattr("core.photos.ray_engine.WORKER_BYTES", 2**50)
    with pytest.raises(JobError, match="and a worker needs 1048576"), RayEngine(OPTIONS, 1, None):
        pass
    assert not ray.is_initialized()


def test_workers_read_pictures_from_a_bucket(cluster, bucket, tmp_path):
    for n in range(9):  # three parts
        bucket(f"{n % 2}/{n}.jpg", NO_FACE if n == 3 else ONE_FACE if n else b"broken")
    folders = [tmp_path / name for name in ("ray", "here")]
    for folder in folders:
        folder.mkdir()
    by_ray = of("s3://photos", folders[0], lambda options: RayEngine(options, None, cluster.address))
    assert by_ray == of("s3://photos", folders[1], InProcess)
    assert [len(table) for table in by_ray] == [8, 1]
    assert by_ray[1][0]["picture"] == "s3://photos/0/0.jpg"


@dataclass(frozen=True)
class Poisoned(CheckOptions):
    """Options that arm whichever other process reads them: there, pictures of these names end it."""

    deadly: tuple[str, ...] = ()
    met: str = ""  # a file that gets a line for each process that ended so
    driver: int = 0

    def __reduce__(self):
        return armed, (self.detector, self.deadly, self.met, self.driver)


def armed(detector, deadly, met, driver):
    options = Poisoned(detector=detector, deadly=deadly, met=met, driver=driver)
    if os.getpid() == driver:
        return options
    from core.bulk import Checker

    harmless = getattr(Checker, "harmless_rows", Checker.rows)

    def rows(self, entry):
        if Path(entry.source).name in deadly and not entry.problem:
            with Path(met).open("a") as file:
                file.write(f"{entry.source}\n")
            os.kill(os.getpid(), signal.SIGKILL)
        return harmless(self, entry)

    Checker.harmless_rows, Checker.rows = harmless, rows
    return options


def test_a_picture_that_ends_each_worker_is_a_failure_and_the_others_are_answered(
    cluster, photos, expected, tmp_path
):
    deadly, met = ("11.jpg", "40.jpg"), tmp_path / "met"
    armed_options = Poisoned(detector="haar", deadly=deadly, met=str(met), driver=os.getpid())
    results, failures = of(photos, tmp_path, lambda _: RayEngine(armed_options, None, cluster.address))
    names = [str(photos / name) for name in deadly]
    assert results == [row for row in expected[0] if row["picture"] not in names]
    assert [row for row in failures if row["picture"] in names] == [
        {
            "picture": name,
            "reason": f"{name}: ended each process that opened it. The other pictures are not affected.",
        }
        for name in names
    ]
    assert [row for row in failures if row["picture"] not in names] == expected[1]
    ended = Counter(met.read_text().split())
    assert set(ended) == set(names) and max(ended.values()) <= 2 * TRIES
