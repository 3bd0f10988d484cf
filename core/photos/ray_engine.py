"""Parts answered by a Ray cluster, by Ray Data: the one module that knows Ray (requirements-ray.txt).

Pictures are named, not sent: each worker reads them from storage that all nodes see, and writes parts there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from core import settings
from core.bulk import Checker, CheckOptions, JobFacts, JobPlan, Tally
from core.errors import JobError, MaskwiseError
from core.text import printable

WORKER_BYTES = 3 * 2**29  # of memory that each worker is given room for: by it a node has as many as fit
_ROOT = Path(__file__).parents[2]


class RayEngine:
    """As `core.bulk.LocalEngine`, on the cluster at `address`; None starts one of this machine alone.

    `workers` is how many there are at most, by default one for each CPU, or for each GPU where there are any.
    Nodes need this code at the same path, its packages, and the folder of the results.
    """

    def __init__(self, options: CheckOptions, workers: int | None, address: str | None) -> None:
        self._options, self._workers, self._address = options, workers, address
        self._ray: Any = None

    def __enter__(self) -> RayEngine:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it reports to its maker
        try:
            import ray
            import ray.data
        except ImportError:
            raise JobError(
                "--engine ray needs Ray, which is not installed: pip install -r requirements-ray.txt"
            ) from None
        variables = {"PYTHONPATH": str(_ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        heeded = [setting.name for setting in settings.all_settings() if setting.where != "app"]
        variables |= {name: os.environ[name] for name in heeded if os.environ.get(name)}
        try:
            ray.init(
                self._address,
                runtime_env={"env_vars": variables},
                num_cpus=None if self._address else self._workers,
                include_dashboard=None if self._address else False,
                log_to_driver=False,
                logging_level="ERROR",
            )
        except Exception as problem:  # it raises this very class where its own node does not start
            failed = f"No Ray cluster answers at {self._address}" if self._address else "Ray does not start"
            raise JobError(f"{failed}: {printable(str(problem), 500)}") from None
        ray.data.DataContext.get_current().enable_progress_bars = False
        self._ray = ray
        return self

    def __exit__(self, *_: object) -> None:
        self._ray.shutdown()

    def facts(self) -> JobFacts:
        """Who answers, as a worker has it. Raises `MaskwiseError`."""
        ask = self._ray.remote(**self._resources())(_facts)
        with self._words():
            found: JobFacts = self._ray.get(ask.remote(self._options))
        return found

    def run(self, plan: Path, numbers: Sequence[int], folder: Path) -> Iterator[Tally]:
        """What came of each part, as each is done. Raises `JobError` where rows cannot be written."""
        if not numbers:
            return
        items = [{"number": number} for number in numbers]
        parts = self._ray.data.from_items(items, override_num_blocks=len(items))
        done = parts.map_batches(
            _Worker,
            fn_constructor_args=(self._options, plan, folder, Path.cwd()),
            batch_size=1,
            batch_format="numpy",
            compute=self._ray.data.ActorPoolStrategy(min_size=1, max_size=self._most()),
            **self._resources(),
        )
        with self._words():
            for row in done.iter_rows():
                yield Tally(*(int(row[name]) for name in ("pictures", "faces", "failures")))

    def _most(self) -> int:
        found = self._ray.cluster_resources()
        return self._workers or int(found.get("GPU") or found.get("CPU", 1))

    def _resources(self) -> dict[str, Any]:
        """Of a worker. Where there are GPUs each has one, which Keras then sees."""
        gpus = self._ray.cluster_resources().get("GPU", 0)
        return {"num_cpus": 1, "memory": WORKER_BYTES} | ({"num_gpus": 1} if gpus else {})

    @contextmanager
    def _words(self) -> Iterator[None]:
        """What a worker raised on purpose, as it said it."""
        try:
            yield
        except self._ray.exceptions.RayError as problem:
            cause: BaseException | None = problem
            while cause and not isinstance(cause, MaskwiseError):
                cause = getattr(cause, "cause", None) or cause.__cause__
            raise JobError(str(cause or printable(str(problem), 500))) from None


def _facts(options: CheckOptions) -> JobFacts:
    return Checker(options).facts


class _Worker:
    """One warm pipeline, in an actor of Ray's."""

    def __init__(self, options: CheckOptions, plan: Path, folder: Path, meant_from: Path) -> None:
        with suppress(OSError):
            os.chdir(meant_from)  # names are relative to where the driver is
        self._checker, self._plan, self._folder = Checker(options), JobPlan(plan), folder

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        tallies = [
            self._checker.check_part(self._plan.part(int(number)), self._folder) for number in batch["number"]
        ]
        return {
            "pictures": [tally.pictures for tally in tallies],
            "faces": [tally.faces for tally in tallies],
            "failures": [tally.failures for tally in tallies],
        }
