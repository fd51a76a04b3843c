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
from fakechip.whole import Device
from importgraph import ROOT
from mbus.autobaud import RATES

MICROPYTHON = Path(
    os.environ.get("MICROPYTHON") or str(Path(sys.executable).parent / "micropython")
)
WARM = ("watchdog", "machine", "panic", "soft")
ALL = (*WARM, "power", "brownout", "external")


@pytest.mark.parametrize("variant", ["rp2", "esp32"])
@pytest.mark.parametrize("baud", RATES)
def test_a_device_lives_through_resets_at_every_rate(variant, baud):
    devicescene.play(variant, baud, fram=False, causes=ALL)


@pytest.mark.parametrize("variant", ["rp2", "esp32"])
@pytest.mark.parametrize("baud", RATES)
def test_a_device_whose_rate_is_not_set_finds_that_of_its_master(variant, baud):
    devicescene.play(variant, baud, fram=False, causes=ALL, auto=True)


@pytest.mark.parametrize(("variant", "tries"), [("rp2", 1), ("esp32", 3)])
def test_a_device_goes_with_a_master_from_rate_to_rate(variant, tries):
    settings = {"primary": str(devicescene.ADDRESS), "baud": "auto", "save_min": "1"}
    device = Device(variant, settings, RATES[0])
    turns = [(before, after) for before in RATES for after in RATES if before != after]
    unanswered = []

    def wandering():
        for turn in turns:
            for baud in turn:
                # 13 s of silence, as long as a receiver stays with what it has found.
                yield 13000000
                device.master.peer.set_baud(baud)
                silent = 0
                for _ in range(6):
                    exchange = device.master.ask(devicescene.short(0x40))
                    yield 2000000
                    silent += exchange.start_us is None or not exchange.in_time
                    assert exchange.octets in (b"", b"\xe5")
                    assert not exchange.errors
                    unanswered.append((baud, silent))

    device.chip.clock.spawn(wandering(), 3000000)
    device.run(len(turns) * 2 * 25 + 5)
    assert (device.codes, device.chip.crashes) == ([], [])
    assert len(unanswered) == len(turns) * 2 * 6
    assert max(silent for _, silent in unanswered) < tries, unanswered


@pytest.mark.parametrize("variant", ["rp2", "esp32"])
def test_with_fram_no_reset_costs_more_than_a_warm_one(variant):
    device, lost = devicescene.play(variant, 9600, fram=True, causes=ALL)
    assert max(lost) <= devicescene.WARM * len(ALL)
    assert device.chip.i2c_devices[0x50].writes > 100


@pytest.mark.parametrize("variant", ["rp2", "esp32"])
@pytest.mark.parametrize("rate", [["2400"], ["9600", "auto"]])
def test_the_same_on_micropython(variant, rate):
    if not MICROPYTHON.exists():
        pytest.skip("no MicroPython for this machine")
    baud, *auto = rate
    search = ("firmware", "host_tests", "boards/desk", ".frozen")
    done = subprocess.run(
        [
            MICROPYTHON,
            "-X",
            "heapsize=1m",
            "host_tests/devicescene.py",
            variant,
            baud,
            "flash",
            *auto,
        ],
        cwd=ROOT,
        env={**os.environ, "MICROPYPATH": ":".join(search)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"played {variant}" in done.stdout
