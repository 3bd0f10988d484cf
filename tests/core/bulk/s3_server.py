"""A real S3 server on this machine, moto's, with one bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from core.bulk import storage

BUCKET = "photos"
WHY = 'not installed: pip install -r requirements-storage.txt "moto[server]"'


def _module(name: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is {WHY}")


def require() -> None:
    """Skips where it cannot be had."""
    for name in ("s3fs", "moto.server", "boto3"):
        _module(name)


@contextmanager
def s3_server() -> Iterator[Callable[[str, bytes], object]]:
    """Puts an object into its bucket. The environment, also of processes that start now, leads there."""
    server = _module("moto.server").ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "someone",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            patch.setenv(name, value)
        client = _module("boto3").client("s3")
        client.create_bucket(Bucket=BUCKET)
        storage._store.cache_clear()
        yield lambda key, content: client.put_object(Bucket=BUCKET, Key=key, Body=content)
        storage._store.cache_clear()
    server.stop()
