# SPDX-License-Identifier: MIT
"""The reader role on a real MicroPython: it reads simulated meters over TCP, and says so."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from keyfile import KEY, KEY_TEXT, entry, keyless, written
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


def test_it_opens_what_meters_with_keys_send_and_keeps_their_counters(tmp_path):
    path = written(tmp_path, entry(level=3) + entry("12345679", 2, "00" * 16))
    state = tmp_path / "counters"
    options = ("--meters", "3", "--baud", "9600", "--keys", path)
    with Simulation(tmp_path, *options, tcp=True) as bus:
        arguments = ("bus=" + bus.where, "baud=9600", "keys=" + path, "state=" + str(state))
        for n in range(2):
            reader = started(*arguments, "meters=1,12345679,3", "every_s=60")
            lines = []
            try:
                assert "alive" in json.loads(reader.stdout.readline())
                while not lines or lines[-1]["address"] != "3":
                    lines.append(json.loads(reader.stdout.readline()))
            finally:
                reader.kill()
                reader.wait()
                reader.stdout.close()
            by_meter = {line["meter"] for line in lines if "name" in line}
            assert len(by_meter) == 3, n
            assert all("error" not in line for line in lines)
            assert lines[0]["name"] == "energy" and lines[0]["value"] == 123456780
            keyless(json.dumps(lines))
    stored = [file.read_bytes() for file in state.iterdir()]
    assert stored and not any(KEY[:5] in octets for octets in stored)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("meters=1", "keys=/no/such/file", "state=x", "bus=127.0.0.1:1"), "bus 127.0.0.1:1"),
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


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        (entry(), ("keys=%s",), "keys= needs state="),
        (entry(key=KEY_TEXT[1:]), ("keys=%s", "state=%s.state"), "file of keys, line 2"),
        (KEY_TEXT, ("keys=%s", "state=%s.state"), "file of keys, line 1"),
        (None, ("keys=%s", "state=%s.state"), "file %s cannot be read"),
    ],
)
def test_a_wrong_file_of_keys_is_told_and_not_repeated(tmp_path, text, arguments, words):
    path = written(tmp_path, text) if text else str(tmp_path / "none")
    given = [one.replace("%s", path) for one in arguments]
    with Simulation(tmp_path, tcp=True) as bus:
        reader = started("meters=1", "bus=" + bus.where, *given)
        said = reader.stdout.read()
        reader.stdout.close()
        assert reader.wait() == 2
    assert said.startswith("error: ") and words.replace("%s", path) in said
    keyless(said)
