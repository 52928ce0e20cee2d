"""The same bytes at any number of threads, on any processor, in any time zone: full runs in hostile environments.

Each run starts from raw text in a copy without git, so it also shows that an unpacked archive works.
"""

import os
import subprocess

import pytest
from numpy._core import _multiarray_umath as umath

from engagement import verify

# Every code path NumPy would choose by the processor at hand is switched off, down to the oldest it supports.
WIDE = [f for f in umath.__cpu_dispatch__ if umath.__cpu_features__.get(f)]

ENVIRONMENTS = {
    "one thread, other hashes, time zone and locale": {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "NUMBA_NUM_THREADS": "1",
        "PYTHONHASHSEED": "random",
        "TZ": "Asia/Phnom_Penh",
        "LC_ALL": "C",
    },
    "two threads, the oldest processor": {
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
        "NUMBA_NUM_THREADS": "2",
        "OPENBLAS_CORETYPE": "Nehalem",
        "NUMBA_CPU_NAME": "generic",
        "NPY_DISABLE_CPU_FEATURES": " ".join(WIDE),
        "PYTHONHASHSEED": "1",
    },
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_fresh_run_gives_the_published_bytes(root, name, capfd):
    settings = ENVIRONMENTS[name] | {"COLUMNS": "200"}
    ended = verify.run_in(root, "verify", **settings)
    told = capfd.readouterr().out
    assert ended.returncode == 0, told[-6000:]
    assert " 0 different" in told
    assert "data/processed/topics/" in told and "reports/index.html" in told and "dvc.lock" in told


@pytest.mark.skipif(
    not os.environ.get("CI"), reason="compares with the last commit: run where that is what is tested (CI)"
)
def test_the_run_left_the_checkout_as_it_was_committed(root):
    if not (root / ".git").exists():
        pytest.skip("no git repository")
    ended = subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, text=True, check=True)
    assert ended.stdout == ""
