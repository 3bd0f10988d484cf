"""What `training.exporting.tflite` runs: TFLITE ONNX, under bounds of time, memory and files."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from core.models import MAX_FILE_BYTES

MAX_CPU_SECONDS, MAX_MEMORY = 500, 12 * 2**30  # TensorFlow alone maps several gigabytes
_OPERATORS = 17  # the version of ONNX's


def _limit() -> None:
    with contextlib.suppress(ImportError):  # Windows has no such bounds
        import resource

        for what, most in (
            (resource.RLIMIT_CPU, MAX_CPU_SECONDS),
            (resource.RLIMIT_AS, MAX_MEMORY),
            (resource.RLIMIT_FSIZE, MAX_FILE_BYTES),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(what, (most, most))


def main(given: Path, made: Path) -> None:
    """Writes the graph to `made`. Raises whatever TensorFlow and tf2onnx do."""
    _limit()
    from tf2onnx import convert

    options = {"--tflite": given, "--output": made, "--opset": _OPERATORS}
    sys.argv = ["tf2onnx.convert", "--dequantize", *(str(part) for pair in options.items() for part in pair)]
    convert.main()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
