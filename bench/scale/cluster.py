"""Two nodes of Ray on this machine's loopback."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

TRIES = 4
_AGENT_PORTS = ("metrics_agent", "metrics_export", "dashboard_agent_listen", "runtime_env_agent")


class LoopbackCluster:
    """A head with one CPU, and a node with another, which may leave and come again."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self._cluster = Cluster()
        _patiently(lambda: self._cluster.add_node(**_a_node(), include_dashboard=False))
        self.join()

    @property
    def address(self) -> str:
        return str(self._cluster.address)

    def join(self) -> None:
        self._second = _patiently(lambda: self._cluster.add_node(**_a_node()))

    def lose_node(self) -> None:
        """Kill the second node, and its workers with it."""
        self._cluster.remove_node(self._second, allow_graceful=False)

    def stop(self) -> None:
        self._cluster.shutdown()


def _patiently(start: Callable[[], Any]) -> Any:
    """Ray gives a node 30 s to start, which on a busy machine are too few now and then."""
    for _ in range(TRIES - 1):
        try:
            return start()
        except Exception as problem:  # it raises this very class
            print(f"a node did not start, another one is tried: {problem}", flush=True)
    return start()


def _a_node() -> dict[str, Any]:
    """Its ports are chosen here: where it chooses them itself, it dies on a busy machine now and then, as it
    reads the files that tell of them too early (ray-project/ray issue 65983).
    """
    size = {"num_cpus": 1, "memory": 4 * 2**30, "object_store_memory": 100 * 2**20}
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in _AGENT_PORTS]
        for one in sockets:
            one.bind(("", 0))
        ports = [one.getsockname()[1] for one in sockets]
    return size | {f"{name}_port": port for name, port in zip(_AGENT_PORTS, ports, strict=True)}
