# SPDX-License-Identifier: MIT
"""`mbus read` with a key file, and what it keeps of the meters' message counters."""

import json

from commands import run
from keyedreading import (
    CLEAR,
    MODE_7,
    MORE_7,
    Scripted,
    bus_of,
)
from keyfile import NUMBER, OURS, entry, keyless, written

from fakeline import FakeLine
from fakeline import run as exchange
from mbus.master import Master
from mbus.security import Key
from mbusnode import keys
from mbusnode.counters import Ledger
from mbusnode.report import Report
from mbusnode.securedreading import OpenedMeter, opening
from securedtelegrams import METER, RECORDS, sealed


def test_read_finds_the_key_by_itself(capsys, tmp_path, monkeypatch):
    with bus_of(MORE_7, MODE_7) as url:
        line = ("--port", url, "--baud", "9600", "--trace")
        for address in ("5", "12345678", NUMBER):
            # The counters of a bus that says always the same are kept beside the key file.
            folder = tmp_path / address
            folder.mkdir()
            monkeypatch.setenv("MBUS_KEYS", written(folder, entry(level=3)))
            code, out, err = run(capsys, "read", address, *line, "--format", "json")
            telegrams = [json.loads(text) for text in out.splitlines()]
            assert code == 0
            assert [t["security"]["mac"] for t in telegrams] == ["right"] * 2
            assert [(t["more"], len(t["records"])) for t in telegrams] == [(True, 4), (False, 4)]
            keyless(out + err)
        monkeypatch.setenv("MBUS_KEYS", written(tmp_path, entry(level=3)))
        code, out, err = run(capsys, "read", "5", *line)
        assert out.count("security: mode 7 (AES-128-CBC, derived key), MAC right, counter") == 2
        assert "2 telegrams, 8 records" in out
        keyless(out + err)


def test_read_refuses_what_is_below_the_level(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("MBUS_KEYS", written(tmp_path, entry()))
    with bus_of(CLEAR) as url:
        code, out, err = run(capsys, "read", "5", "--port", url, "--baud", "9600")
    assert code == 1
    assert "error: refused: it is clear, but level 2 of this meter requires mode 5 or 7" in out
    assert "energy" not in out
    keyless(out + err)


def test_read_shows_what_a_key_in_another_file_would_open(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("MBUS_KEYS", written(tmp_path, entry("87654321")))
    with bus_of(MODE_7) as url:
        code, out, err = run(capsys, "read", "5", "--port", url, "--baud", "9600")
    assert code == 1 and "not decoded: no key for " + NUMBER in out
    keyless(out + err)


def test_a_recorded_telegram_is_refused_by_the_next_program_too(capsys, tmp_path, monkeypatch):
    for level in (0, 1, 2, 3):
        folder = tmp_path / str(level)
        folder.mkdir()
        monkeypatch.setenv("MBUS_KEYS", written(folder, entry(level=level)))
        codes = []
        for counter in (40, 39, 40, 41):
            with bus_of(sealed(0x72, 7, RECORDS, counter, OURS)) as url:
                code, out, err = run(capsys, "read", "5", "--port", url, "--baud", "9600")
            codes.append(code)
            assert ("refused: its message counter does not go up" in out) == (code == 1)
            assert ("1534" in out) == (code == 0)
            keyless(out + err)
        assert codes == [0, 1, 0, 0], level
        with bus_of(sealed(0x72, 7, RECORDS[6:], 41, OURS)) as url:
            code, out, _ = run(capsys, "read", "5", "--port", url, "--baud", "9600")
        assert code == 1 and "does not go up" in out, "another telegram with the same counter"


def test_a_meter_whose_key_is_being_changed_is_read_with_either_key():
    other = Key(bytes(range(16)))
    for level in (1, 2, 3):
        ring = keys.Ring([keys.Entry(METER, OURS, level, other)])
        for key in (OURS, other):
            for mode in (5, 7) if level < 3 else (7,):
                meter, reports, master = OpenedMeter(ring), [], Master(1)
                found = reports.append
                procedure = master.read(METER, lambda frame, found=found: found(frame))
                telegram = sealed(0x72, mode, RECORDS, 40, key)
                exchange(FakeLine([Scripted(telegram)]), master, opening(procedure, master, meter))
                assert len(Report.of_frame(reports[0]).rows) == 4
                assert (meter.proved is key, meter.sure) == (True, mode == 7)


def test_counters_that_nobody_may_keep_stop_the_reading(capsys, tmp_path, monkeypatch):
    path = written(tmp_path, entry(level=3))
    monkeypatch.setenv("MBUS_KEYS", path)
    with bus_of(MODE_7) as url:
        line = ("--port", url, "--baud", "9600")
        with Ledger(path) as other:
            other.of(METER, OURS)
            code, out, err = run(capsys, "read", "5", *line)
            assert (code, out) == (1, "") and "another program is talking to this meter" in err
        assert run(capsys, "read", "5", *line)[0] == 0
