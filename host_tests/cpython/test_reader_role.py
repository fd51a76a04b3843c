# SPDX-License-Identifier: MIT
"""The reader role on a real MicroPython: it reads simulated meters over TCP, and says so."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from simulation import Simulation

ROOT = Path(__file__).resolve().parents[2]
MICROPYTHON = shutil.which(
    os.environ.get("MICROPYTHON") or str(Path(sys.executable).parent / "micropython")
)

pytestmark = pytest.mark.skipif(not MICROPYTHON, reason="no MicroPython; see make venv")


def started(*arguments):
    """read.py as a process."""
    paths = ":".join((str(ROOT / "firmware"), str(ROOT / "boards/desk"), ".frozen"))
    return subprocess.Popen(
        [MICROPYTHON, "-X", "heapsize=384k", str(ROOT / "firmware/read.py"), *arguments],
        env=dict(os.environ, MICROPYPATH=paths),
        stdout=subprocess.PIPE,
        text=True,
    )


def test_it_reads_meters_in_turn(tmp_path):
    with Simulation(tmp_path, "--meters", "2", "--baud", "9600", tcp=True) as bus:
        where = "bus=" + bus.where
        reader = started(where, "baud=9600", "meters=1,12345679", "every_s=60")
        try:
            alive = json.loads(reader.stdout.readline())
            lines = [json.loads(reader.stdout.readline()) for _ in range(58)]
        finally:
            reader.kill()
            reader.wait()
            reader.stdout.close()
    assert " heap=" in alive["alive"]
    meters = [line["meter"] for line in lines]
    assert meters == ["123456780D170102"] * 32 + ["123456790D170102"] * 26
    assert lines[0]["name"] == "energy" and lines[0]["value"] == 123456780
    assert all("error" not in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("meters=1", "baud=1234"), "baud=1234: allowed is 300, 600"),
        (("meters=1", "every_s=0"), "every_s=0: allowed is 1 to 86400"),
        (("meters=300", "bus=127.0.0.1:1"), "a primary address is 0 to 250"),
        ((), "meters= is missing"),
        (("meters=1", "speed=3"), "unknown setting speed"),
        (("/no/such/file",), "file /no/such/file cannot be read"),
        (("meters=1", "bus=127.0.0.1:1"), "bus 127.0.0.1:1 cannot be opened"),
    ],
)
def test_wrong_settings_are_told(arguments, words):
    reader = started(*arguments)
    said = reader.stdout.read()
    reader.stdout.close()
    assert reader.wait() in (1, 2)
    assert said.startswith("error: ") and words in said
