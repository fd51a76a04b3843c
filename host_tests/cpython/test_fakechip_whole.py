# SPDX-License-Identifier: MIT
"""The whole firmware on both fake chips, through resets of every cause, at every rate.

On MicroPython it needs a heap for the firmware and for the chip: a program of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import devicescene
from importgraph import ROOT

MICROPYTHON = Path(
    os.environ.get("MICROPYTHON") or str(Path(sys.executable).parent / "micropython")
)
WARM = ("watchdog", "machine", "panic", "soft")
ALL = (*WARM, "power", "brownout", "external")


@pytest.mark.parametrize("variant", ["rp2", "esp32"])
@pytest.mark.parametrize("baud", [300, 2400, 9600])
def test_a_device_lives_through_resets_at_every_rate(variant, baud):
    devicescene.play(variant, baud, fram=False, causes=ALL)


@pytest.mark.parametrize("variant", ["rp2", "esp32"])
def test_with_fram_no_reset_costs_more_than_a_warm_one(variant):
    device, lost = devicescene.play(variant, 9600, fram=True, causes=ALL)
    assert max(lost) <= devicescene.WARM * len(ALL)
    assert device.chip.i2c_devices[0x50].writes > 100


@pytest.mark.parametrize("variant", ["rp2", "esp32"])
def test_the_same_on_micropython(variant):
    if not MICROPYTHON.exists():
        pytest.skip("no MicroPython for this machine")
    search = ("firmware", "host_tests", "boards/desk", ".frozen")
    done = subprocess.run(
        [MICROPYTHON, "-X", "heapsize=1m", "host_tests/devicescene.py", variant, "2400", "flash"],
        cwd=ROOT,
        env={**os.environ, "MICROPYPATH": ":".join(search)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"played {variant}" in done.stdout
