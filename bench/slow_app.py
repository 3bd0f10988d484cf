"""The app on a machine that analyses slowly: every live analysis takes MS milliseconds more.

python -m bench.slow_app MS [options of `streamlit run`]
"""

from __future__ import annotations

import runpy
import sys
import time
from typing import Any

from core.video import Analysis, LiveAnalysis


def main() -> None:
    more_s = float(sys.argv[1]) / 1000
    analyse = LiveAnalysis.analyse

    def slowly(self: LiveAnalysis, *arguments: Any, **options: Any) -> Analysis:
        time.sleep(more_s)  # as ONNX Runtime and OpenCV do while they work, this lets other threads run
        return analyse(self, *arguments, **options)

    LiveAnalysis.analyse = slowly  # type: ignore[method-assign]  # what is measured
    sys.argv = ["streamlit", "run", "app.py", *sys.argv[2:]]
    runpy.run_module("streamlit", run_name="__main__")


if __name__ == "__main__":
    main()
