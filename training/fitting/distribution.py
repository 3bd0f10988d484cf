"""Train on several machines at once: each computes its part of every batch, all take the same step.

It is Keras's own data parallelism (`keras.distribution`), which works on the JAX backend; Keras 3 cannot
`fit` under TensorFlow's strategy for several machines (keras-team/keras issue 20585). A batch stays one
batch: loss, gradients, accuracy, batch norm's statistics and dropout's masks are those of one machine, but
for rounding. So every worker must do the same in the same order: build, compile, fit, predict, save.
Workers are neither encrypted nor authenticated to each other: use a network that you trust.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from core.errors import MaskwiseError

log = logging.getLogger(__name__)

PATIENCE = 240  # seconds: time to start the command on each machine; JAX itself aborts after 300


class WorkersError(MaskwiseError):
    """Workers cannot train together."""


@dataclass(frozen=True, slots=True)
class Workers:
    """`count` processes that train together; this is number `index`. `devices`: those of all of them."""

    index: int = 0
    count: int = 1
    devices: int = 1

    @property
    def is_chief(self) -> bool:
        """Whether this worker's record is the one to keep."""
        return self.index == 0

    def folder(self, run: Path) -> Path:
        """Where this worker keeps its record: the chief in `run`, the others below it.

        The records say the same, but each worker needs one at hand to stop early and to resume, and the
        machines may or may not share a disk.
        """
        return run if self.is_chief else run / "workers" / str(self.index)

    def shard(self, batches: keras.utils.PyDataset) -> keras.utils.PyDataset:
        """This worker's part of each of the batches, which must be the same on all workers."""
        return batches if self.count == 1 else _Part(batches, self)


ALONE = Workers()


class _Part(keras.utils.PyDataset):
    """Equal parts. What is left over at an epoch's end, fewer pictures than devices, is not learned from."""

    def __init__(self, batches: keras.utils.PyDataset, workers: Workers) -> None:
        super().__init__(workers=batches.workers, max_queue_size=batches.max_queue_size)
        self._batches, self._of = batches, workers
        whole = len(batches[0][0])
        if whole < workers.devices:
            raise WorkersError(
                f"A batch of {whole} pictures is too small for {workers.devices} devices. "
                f"Give --batch {workers.devices} or more."
            )
        last = len(batches) - 1
        self._length = last + (len(batches[last][0]) >= workers.devices)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        batch = self._batches[index]
        each = len(batch[0]) // self._of.devices * self._of.devices // self._of.count
        mine = slice(self._of.index * each, (self._of.index + 1) * each)
        return tuple(array[mine] for array in batch)

    def on_epoch_begin(self) -> None:
        self._batches.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self._batches.on_epoch_end()


def join(addresses: Sequence[str] = (), index: int = 0, *, patience: float = PATIENCE) -> Workers:
    """Meet the other workers. Call it before anything is computed or built; alone, without `addresses`.

    `addresses`: host:port of each worker, the same list on all of them; they meet at the first. `index`:
    which of them this one is. Raises `WorkersError`. When one has not come after `patience` seconds the
    process ends with a message: JAX leaves no other way.
    """
    if not addresses:
        return ALONE
    _check(addresses, index)
    if index == 0:
        _check_port(addresses[0])
    # JAX would listen on every network of the machine.
    os.environ.setdefault("JAX_COORDINATOR_BIND_ADDRESS", addresses[0])
    log.info("worker %d of %d: waiting for the others at %s", index, len(addresses), addresses[0])
    with _ending_the_process(patience, addresses, index):
        keras.distribution.initialize(",".join(addresses), len(addresses), index)
        devices = keras.distribution.list_devices()
    keras.distribution.set_distribution(
        keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False)
    )
    return Workers(index, len(addresses), len(devices))


def _check(addresses: Sequence[str], index: int) -> None:
    for address in addresses:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise WorkersError(
                f"{address!r} is not host:port. Give --workers like 10.0.0.1:4000,10.0.0.2:4000."
            )
    if len(set(addresses)) < len(addresses):
        raise WorkersError(f"--workers names one twice: {', '.join(addresses)}. Give each its own address.")
    if not 0 <= index < len(addresses):
        raise WorkersError(f"--worker {index}: give 0 to {len(addresses) - 1}, a place in --workers.")
    if keras.backend.backend() != "jax":
        raise WorkersError(
            "Several workers train on Keras's JAX backend. Install requirements-scale-out.txt and set "
            "KERAS_BACKEND=jax on each machine."
        )


def _check_port(address: str) -> None:
    """The first worker listens there. JAX would say that it cannot, but may crash before it does."""
    host, _, port = address.rpartition(":")
    try:
        resolved = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        *kind, _, place = resolved[0]
        with socket.socket(*kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(place)
    except OSError as problem:
        raise WorkersError(
            f"Worker 0 cannot wait for the others at {address}: {problem}. "
            "Give --workers a free port of the first machine."
        ) from problem


@contextmanager
def _ending_the_process(patience: float, addresses: Sequence[str], index: int) -> Iterator[None]:
    """End this process if the block takes longer than `patience` seconds.

    The wait is inside JAX, where no exception reaches it; JAX's own limit ends in a crash without a reason.
    """
    awaited = addresses[0] if index else ", ".join(addresses[1:])

    def end() -> None:
        sys.stderr.write(
            f"error: Worker {index} waited {patience:g} s and not all of the {len(addresses)} workers came "
            f"(awaited: {awaited}). Nothing was trained. Start the same command on each machine, with "
            "its own --worker, and see that they can reach the first address.\n"
        )
        sys.stderr.flush()
        os._exit(1)

    timer = threading.Timer(patience, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
