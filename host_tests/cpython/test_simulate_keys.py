# SPDX-License-Identifier: MIT
"""`mbus simulate --keys`: meters with keys, of which nothing is printed, logged or left open."""

import json
import os
import stat

import pytest
from commands import run
from keyfile import KEY_TEXT, NUMBER, entry, keyless, written
from simulation import Simulation

from mbusnode import keyfile
from securedtelegrams import METER

OTHER_KEY = bytes(range(16))
SECOND, CLEAR = "123456790D170102", "123456800D170102"


def telegrams(out):
    """The JSON lines of a read-out."""
    return [json.loads(line) for line in out.splitlines()]


def test_each_meter_sends_what_its_level_says(tmp_path, capsys, monkeypatch):
    text = entry(level=3) + entry(SECOND, 2, "00" * 16)
    path = written(tmp_path, text)
    monkeypatch.setenv("MBUS_KEYS", path)
    with Simulation(tmp_path, "--meters", "3", "--baud", "9600", "--keys", path, "--trace") as bus:
        modes = []
        for address in (NUMBER, "2", CLEAR):
            options = (
                "--port",
                str(bus.link),
                "--baud",
                "9600",
                "--format",
                "json",
                "--trace",
                "--latency",
                "300",
            )
            code, out, err = run(capsys, "read", address, *options)
            assert code == 0, (out, err)
            keyless(out + err)
            found = telegrams(out)
            modes.append([t["security"] and t["security"]["mode"] for t in found])
            assert sum(len(t["records"]) for t in found) > 25
        assert modes[0] == [7] * len(modes[0]) and modes[1] == [5] * len(modes[1])
        assert set(modes[2]) == {None}
        traced = bus.errors()
        bus.end()
        # `--trace` is what stands on standard error here.
        (tmp_path / "errors.txt").write_text("")
        log = (tmp_path / "bus.log").read_text()
    keyless(traced)
    keyless(log)
    assert KEY_TEXT not in log


def test_a_meter_keeps_the_key_that_it_has(tmp_path, capsys, monkeypatch):
    path = written(tmp_path, entry(level=3))
    monkeypatch.setenv("MBUS_KEYS", path)
    state = tmp_path / "state"
    for n in range(3):
        folder = tmp_path / str(n)
        folder.mkdir()
        with Simulation(folder, "--baud", "9600", "--keys", path, "--state", str(state)) as bus:
            line = ("--port", str(bus.link), "--baud", "9600", "--latency", "300")
            code, out, err = run(capsys, "read", "1", *line)
        assert (code, "MAC right" in out) == ((0, True) if n < 2 else (1, False)), (out, err)
        if n == 1:
            # Another key here is none of the meter's.
            keyfile.set_pending(path, METER, OTHER_KEY)
            keyfile.settle(path, METER, True)
    modes = {stat.S_IMODE(os.stat(file).st_mode) for file in state.rglob("settings.*")}
    assert modes == {0o600}


@pytest.mark.parametrize("text", ["x", entry(key=KEY_TEXT[1:])])
def test_a_wrong_key_file_is_told_without_it(tmp_path, capsys, text):
    code, out, err = run(
        capsys, "simulate", "--pty", str(tmp_path / "l"), "--keys", written(tmp_path, text)
    )
    assert (code, out) == (2, "") and "key file" in err
    keyless(err)


def test_meters_with_keys_are_found_in_full_by_who_has_no_key(tmp_path, capsys, monkeypatch):
    path = written(tmp_path, entry(level=3) + entry(SECOND, 2, "00" * 16))
    monkeypatch.setenv("MBUS_KEYS", str(tmp_path / "none"))
    with Simulation(tmp_path, "--meters", "3", "--baud", "9600", "--keys", path) as bus:
        line = ("--port", str(bus.link), "--baud", "9600", "--format", "json", "--latency", "300")
        code, out, _ = run(capsys, "scan", "--primary", "1-3", *line)
        found = [json.loads(row) for row in out.splitlines()]
        assert code == 0
        assert [one["secondary"] for one in found] == [NUMBER, SECOND, CLEAR]
