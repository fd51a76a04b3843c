# SPDX-License-Identifier: MIT
"""The module's storage under littlefs, cut at every write step: host_tests/powercut.py.

The file system is MicroPython's own, so each run is one of MicroPython.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MICROPYTHON = shutil.which(
    os.environ.get("MICROPYTHON") or str(Path(sys.executable).parent / "micropython")
)
PATH = ":".join(("firmware", "host_tests", ".frozen"))
CUTS = 1300
RUNS = [(layout, seed) for layout in ("rp2", "esp32", "fram", "coarse") for seed in (1, 2)]
SEEN = re.compile(r"(\d+) cuts in (\d+) lives .* at most (\d+) of (\d+) lost")

pytestmark = pytest.mark.skipif(not MICROPYTHON, reason="no MicroPython; see make venv")


def run(layout, seed, cuts=CUTS):
    done = subprocess.run(
        [
            MICROPYTHON,
            "-X",
            "heapsize=16m",
            "host_tests/powercut.py",
            layout,
            str(seed),
            str(cuts),
        ],
        cwd=ROOT,
        env={**os.environ, "MICROPYPATH": PATH},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return [int(number) for number in SEEN.search(done.stdout).groups()]


@pytest.mark.parametrize(("layout", "seed"), RUNS)
def test_every_cut_leaves_the_old_or_the_new_state_and_no_more_lost_than_is_said(layout, seed):
    cuts, lives, lost, worst = run(layout, seed)
    assert cuts >= CUTS
    assert lives >= 2
    assert 0 < lost <= worst


def test_ten_thousand_cuts_are_made():
    assert CUTS * len(RUNS) >= 10_000
