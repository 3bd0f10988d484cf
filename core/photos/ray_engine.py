"""Parts answered by a Ray cluster, by Ray Data: the one module that knows Ray (requirements-ray.txt).

Pictures are named, not sent: each worker reads them from storage that all nodes see, and writes parts there.

A part whose worker dies is answered again, a few times; what is still missing at the end is answered
picture by picture. One that ends each worker that opens it becomes a row of the failures.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from core import settings
from core.bulk import (
    TRIES,
    Checker,
    CheckOptions,
    Entry,
    JobFacts,
    JobPart,
    JobPlan,
    PartsFolder,
    Tally,
    check_part,
    facts_from,
    try_picture,
)
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
                self._address or "local",  # without it Ray joins whatever runs on this machine
                runtime_env={"env_vars": variables},
                num_cpus=None if self._address else self._workers,
                include_dashboard=None if self._address else False,
                log_to_driver=False,
                logging_level="ERROR",
            )
        except Exception as problem:  # it raises this very class where its own node does not start
            failed = f"No Ray cluster answers at {self._address}" if self._address else "Ray does not start"
            raise JobError(f"{failed}: {printable(str(problem), 500)}") from None
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.max_errored_blocks = -1  # parts whose workers died are looked for after the others
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # it has a page to say of each
        self._ray = ray
        self._require_room()
        return self

    def _require_room(self) -> None:
        """A cluster may grow; where Ray has this machine alone, it would wait for ever."""
        memory = self._ray.cluster_resources().get("memory", 0)
        if not self._address and memory < WORKER_BYTES:
            self._ray.shutdown()
            raise JobError(
                f"Ray has {memory / 2**30:.1f} GB of memory on this machine, and a worker needs "
                f"{WORKER_BYTES / 2**30:.1f}. Leave --engine ray out, or name a cluster with --address."
            )

    def __exit__(self, *_: object) -> None:
        self._ray.shutdown()

    def facts(self) -> JobFacts:
        """Who answers, as a worker has it. Raises `MaskwiseError`."""
        with self._words():
            found: JobFacts = self._insist(facts_from, self._options)
        return found

    def run(self, plan: Path, numbers: Sequence[int], folder: Path) -> Iterator[Tally]:
        """What came of each part, as each is done. Raises `JobError` where rows cannot be written."""
        if not numbers:
            return
        done = PartsFolder(folder).is_done
        with self._words(), closing(JobPlan(plan)) as names:
            for _ in range(TRIES):
                left = [number for number in numbers if not done(number)]
                if not left:
                    return
                with suppress(self._ray.exceptions.ActorDiedError):  # also one that Ray no longer needs
                    yield from self._spread(plan, left, folder)
                    break
            for part in map(names.part, (number for number in numbers if not done(number))):
                yield self._carefully(part, folder)

    def _spread(self, plan: Path, numbers: Sequence[int], folder: Path) -> Iterator[Tally]:
        """Parts by Ray Data. One whose worker dies again and again is left out."""
        items = [{"number": number} for number in numbers]
        parts = self._ray.data.from_items(items, override_num_blocks=len(items))
        done = parts.map_batches(
            _Worker,
            fn_constructor_args=(self._options, plan, folder, Path.cwd()),
            batch_size=1,
            batch_format="numpy",
            compute=self._ray.data.ActorPoolStrategy(min_size=1, max_size=self._most()),
            max_task_retries=TRIES - 1,  # Ray's own are without end
            **self._resources(),
        )
        for row in done.iter_rows():
            if row["problem"]:
                raise JobError(str(row["problem"]))
            yield Tally(*(int(row[name]) for name in ("pictures", "faces", "failures")))

    def _carefully(self, part: JobPart, folder: Path) -> Tally:
        """A part that was lost, without what breaks its workers."""
        harmless = part.without_what_breaks_it(self._is_harmless)
        tally: Tally = self._insist(check_part, self._options, harmless, folder)
        return tally

    def _is_harmless(self, entry: Entry) -> bool:
        try:
            self._insist(try_picture, self._options, entry)
        except self._broken():
            return False
        return True

    def _insist(self, call: Any, *arguments: Any) -> Any:
        """What a worker answers. One that dies is followed by another, but not for ever."""
        ask = self._ray.remote(max_retries=0, **self._resources())(_ask)
        for _ in range(TRIES - 1):
            with suppress(*self._broken()):
                return self._ray.get(ask.remote(Path.cwd(), call, *arguments))
        return self._ray.get(ask.remote(Path.cwd(), call, *arguments))

    def _broken(self) -> tuple[type[Exception], ...]:
        """What Ray raises where a worker or its node died."""
        kinds = self._ray.exceptions
        return (
            kinds.WorkerCrashedError,
            kinds.OutOfMemoryError,
            kinds.NodeDiedError,
            kinds.LocalRayletDiedError,
        )

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


# --- in a worker --------------------------------------------------------------------------------------------


def _ask(meant_from: Path, call: Any, *arguments: Any) -> Any:
    _go_to(meant_from)
    return call(*arguments)


def _go_to(meant_from: Path) -> None:
    """Names are relative to where the driver is."""
    with suppress(OSError):
        os.chdir(meant_from)


class _Worker:
    """One warm pipeline, in an actor of Ray's."""

    def __init__(self, options: CheckOptions, plan: Path, folder: Path, meant_from: Path) -> None:
        _go_to(meant_from)
        self._checker, self._plan, self._folder = Checker(options), JobPlan(plan), folder

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Of one part. What is wrong with all of them is said, since what is raised would be left out."""
        tally, problem = Tally(), ""
        try:
            tally = self._checker.check_part(self._plan.part(int(batch["number"][0])), self._folder)
        except MaskwiseError as said:
            problem = str(said)
        return {
            "pictures": [tally.pictures],
            "faces": [tally.faces],
            "failures": [tally.failures],
            "problem": [problem],
        }
