import platform
import subprocess
import sys

import pytest

HELD = """
import numpy as np
from training.fitting.memory import keep_freed_memory

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

{call}
before = resident()
pieces = [np.ones(2**20) for _ in range(40)]  # 8 MB each
del pieces
print((resident() - before) // 2**20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's setting")
def test_what_is_freed_stays_with_the_process():
    kept, given_back = (megabytes_held(call) for call in ("keep_freed_memory()", ""))
    assert given_back < 40 < 300 < kept


def megabytes_held(call):
    command = [sys.executable, "-c", HELD.format(call=call)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
