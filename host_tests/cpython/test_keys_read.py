# SPDX-License-Identifier: MIT
"""Encrypted meters are read with the key file, and refused below the level they must have."""

import json
import threading
from contextlib import contextmanager
from itertools import product

import pytest
from commands import run
from keyfile import NUMBER, OURS, entry, keyless, written

from fakeline import FakeLine, FakeMeter
from fakeline import run as exchange
from mbus.header import secondary_octets
from mbus.master import Master
from mbus.security import Key
from mbus.whole import FrameError, parse
from mbusnode import keys
from mbusnode.bus import Bus
from mbusnode.bus_server import BusServer
from mbusnode.counters import Ledger
from mbusnode.report import Report
from mbusnode.secured import MODES
from mbusnode.securedreading import OpenedMeter, opening
from securedtelegrams import METER, RECORDS, sealed

BY_NUMBER = METER[:4] + b"\xff" * 4
ANYBODY = b"\xff" * 8

CLEAR = b"\x72" + METER + b"\x01\x00\x00\x00" + RECORDS
MODE_5 = sealed(0x72, 5, RECORDS, key=OURS)
MODE_7 = sealed(0x72, 7, RECORDS, 40, OURS)
MORE_7 = sealed(0x72, 7, RECORDS + b"\x1f", 39, OURS)


class Scripted(FakeMeter):
    """Answers with whole telegrams, from their CI on."""

    def __init__(self, *telegrams):
        super().__init__(METER, 5, telegrams)

    def _data(self, kind, first, new):
        at = 0 if first else (self._index.get(kind, -1) + new) % len(self.records)
        self._index[kind] = at
        return self._frame(self.records[at][0], self.records[at][1:])


def ring_of(level, name=NUMBER):
    """A ring with one entry, by secondary address or identification number."""
    address = secondary_octets(name.ljust(16, "0"))[: len(name) // 2]
    return keys.Ring([keys.Entry(address, OURS, level)])


def read(telegrams, level=2, address=METER, name=NUMBER):
    """(number of records of each telegram, all errors) of a meter that is read."""
    reports, master = [], Master(1)
    procedure = master.read(address, lambda frame: reports.append(Report.of_frame(frame)))
    line = FakeLine([Scripted(*telegrams)])
    exchange(line, master, opening(procedure, master, OpenedMeter(ring_of(level, name))))
    errors = [error for report in reports for error in report.errors]
    keyless("\n".join(errors + [report.json() for report in reports]))
    return [len(report.rows) for report in reports], errors


def test_telegrams_are_opened_and_followed():
    more_5 = sealed(0x72, 5, RECORDS + b"\x1f", key=OURS, access=0x2B)
    for address in (METER, 5, BY_NUMBER, ANYBODY):
        for level in range(4):
            assert read((MORE_7, MODE_7), level, address) == ([4, 4], [])
            if level < 3:
                assert read((more_5, MODE_5), level, address) == ([4, 4], [])


def test_a_repetition_with_the_same_counter_is_taken_another_telegram_with_it_is_not():
    assert read((MORE_7, MORE_7, MODE_7)) == ([4, 4, 4], [])
    other = sealed(0x72, 7, RECORDS, 39, OURS)
    counts, errors = read((MORE_7, other))
    assert counts == [4, 0] and "its message counter does not go up" in errors[0]


def test_a_short_header_is_of_the_meter_that_was_selected():
    seven, five = sealed(0x7A, 7, RECORDS, 9, OURS), sealed(0x7A, 5, RECORDS, key=OURS)
    for level in (1, 2):
        for telegram in (seven, five):
            assert read((telegram,), level) == ([4], [])
            assert read((telegram,), level, BY_NUMBER) == ([4], [])
            assert read((telegram,), level, name=NUMBER[:8]) == ([4], [])
        assert read((seven,), level, BY_NUMBER, NUMBER[:8]) == ([4], [])
        counts, errors = read((five,), level, BY_NUMBER, NUMBER[:8])
        assert counts == [0] and "whole secondary address" in "".join(errors)
        assert "names no meter" in read((seven,), level, address=5)[1][0]


def test_a_short_header_is_of_the_meter_that_went_on():
    seven, five = sealed(0x7A, 7, RECORDS, 40, OURS), sealed(0x7A, 5, RECORDS, key=OURS)
    assert read((MORE_7, seven), 2, 5) == ([4, 4], [])
    assert read((MORE_7, five), 2, 5) == ([4, 4], [])


UNSAFE = "refused: mode %d, but in a form that is not safe"
BELOW = "refused: it is %s, but level %d of this meter requires %s"
CLEAR_BELOW_2 = BELOW % ("clear", 2, "mode 5 or 7")
CLEAR_BELOW_3 = BELOW % ("clear", 3, "mode 7")
NO_BLOCK = b"\x72" + METER + b"\x01\x00\x00\x05" + RECORDS
SHORT_MAC = b"\x90\x0b\x00\x2c\x24" + MODE_7[5:13] + MODE_7[17:]
TAIL = b"\x01\xfd\x1f\x00"


@pytest.mark.parametrize(
    ("telegram", "level", "words"),
    [
        (CLEAR, 2, CLEAR_BELOW_2),
        (CLEAR, 3, CLEAR_BELOW_3),
        (b"\x78" + RECORDS, 2, CLEAR_BELOW_2),
        (b"\x7a\x01\x00\x00\x00" + RECORDS, 3, CLEAR_BELOW_3),
        (CLEAR[:12] + b"\x1f" + CLEAR[13:], 2, BELOW % ("in mode 31", 2, "mode 5 or 7")),
        (MODE_5[:12] + b"\x08" + MODE_5[13:], 2, BELOW % ("in mode 8", 2, "mode 5 or 7")),
        (MODE_5, 3, BELOW % ("in mode 5", 3, "mode 7")),
        (MODE_7[:17] + CLEAR, 3, CLEAR_BELOW_3),
        (NO_BLOCK, 2, UNSAFE % 5),
        (MODE_5 + TAIL, 2, UNSAFE % 5),
        (MODE_7 + TAIL, 2, UNSAFE % 7),
        (MODE_7[17:], 3, UNSAFE % 7),
        (MODE_7[:17] + MODE_5, 2, UNSAFE % 5),
        (SHORT_MAC, 3, UNSAFE % 7),
        (sealed(0x5B, 7, RECORDS, 41, OURS), 2, UNSAFE % 7),
        (sealed(0x72, 7, RECORDS, 41), 2, "MAC wrong"),
        (sealed(0x72, 5, RECORDS), 2, "the key does not fit (no 2F 2F)"),
    ],
)
def test_a_telegram_below_the_level_is_refused(telegram, level, words):
    for address in (METER, BY_NUMBER):
        counts, errors = read((telegram,), level, address)
        assert counts == [0]
        assert any(words in error for error in errors), errors
    # By a primary address a meter is known from its first telegram on.
    counts, errors = read((MORE_7, telegram), level, 5)
    assert counts == [4, 0]
    assert any(words in error for error in errors), errors


def test_nothing_is_required_below_level_2_or_of_a_meter_without_a_key():
    for level in (0, 1):
        assert read((CLEAR,), level) == ([4], [])
        assert read((MODE_5 + TAIL,), level)[0] == [5]
    assert read((CLEAR,), 3, 5, "87654321") == ([4], [])
    assert read((CLEAR,), 3, ANYBODY, "87654321") == ([4], [])
    counts, errors = read((MODE_7,), 3, 5, "87654321")
    assert counts == [0] and "no key for " + NUMBER in errors[0]


def test_nobody_answers_in_the_place_of_a_meter_with_a_key():
    words = "answers in the place of a meter with a key"
    other_number, other_version = CLEAR[:1] + b"\x79" + CLEAR[2:], CLEAR[:7] + b"\x02" + CLEAR[8:]
    for other in (other_number, other_version):
        counts, errors = read((other,))
        assert counts == [0] and words in errors[0]
    assert read((other_version,), address=BY_NUMBER)[0] == [0]
    assert read((other_number,), address=ANYBODY) == ([4], [])
    counts, errors = read((MORE_7, other_version), address=5)
    assert counts == [4, 0] and words in errors[0]


def test_a_known_meter_of_a_lower_level_does_not_stand_in_for_another():
    other = CLEAR[:1] + b"\x79" + CLEAR[2:]
    entries = [keys.Entry(METER, OURS, 3), keys.Entry(other[1:9], OURS, 0)]
    for address, first, counts in (
        (METER, (), [0]),
        (other[1:9], (), [4]),
        (5, (), [4]),
        (5, (MORE_7,), [4, 0]),
    ):
        reports, master = [], Master(1)
        # The second is an alarm report: of these the master compares no addresses.
        procedure = master.read(address, lambda frame: reports.append(Report.of_frame(frame)))
        meter = Scripted(*first, b"\x75" + other[1:13] + b"\x00" if first else other)
        meter.secondary = other[1:9] if address == other[1:9] else METER
        exchange(
            FakeLine([meter]), master, opening(procedure, master, OpenedMeter(keys.Ring(entries)))
        )
        assert [len(report.rows) for report in reports] == counts, address


def test_reports_of_errors_are_clear_at_every_level():
    counts, errors = read((b"\x70\x14",), 3)
    assert counts == [0] and "application error 14" in errors[0]


@pytest.mark.parametrize("mode", range(1, 16))
def test_every_mode_is_named_and_never_taken_for_clear_data(mode):
    """Behind a header of this mode stand records in clear: nobody may read them as such."""
    telegram = CLEAR[:12] + bytes((mode,)) + CLEAR[13:]
    name = "mode %d (%s)" % (mode, MODES[mode])
    for level, address, number in product(range(4), (METER, BY_NUMBER, 5), (NUMBER, "87654321")):
        counts, errors = read((telegram,), level, address, number)
        if mode == 5 and level < 2 and number == NUMBER:
            # It says itself that no block is encrypted.
            assert "octets are clear, anybody may have put them there" in errors[0]
            continue
        assert counts == [0]
        if number != NUMBER and mode not in (5, 7):
            assert name in errors[0] and "not decoded" in errors[0]
        elif mode not in (5, 7):
            assert "in mode %d" % mode in errors[0]
        else:
            assert errors
    short = b"\x7a" + telegram[9:]
    for level in range(2 if mode == 5 else 0, 4):
        assert read((short,), level)[0] == [0]


# ---- the command ----


class Station:
    """A scripted meter as a node of a bus server."""

    quiet = True

    def __init__(self, stream, meter):
        self._stream, self._meter = stream, meter
        self._octets, self._chunk = b"", bytearray(64)

    def poll(self, now):
        n = self._stream.readinto(self._chunk, min(len(self._chunk), self._stream.any()))
        self._octets += self._chunk[:n]
        try:
            parse(self._octets)
        except FrameError:
            return 5
        reply, self._octets = self._meter.handle(self._octets), b""
        self._stream.write(reply)
        return 5


@contextmanager
def bus_of(*telegrams):
    """The port of a bus with one meter, as a URL."""
    server = BusServer(Bus(9600))
    server.slave_local(lambda stream: Station(stream, Scripted(*telegrams)))
    port = server.master_tcp("127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield "socket://127.0.0.1:%d" % port
    finally:
        server.stop()
        thread.join()
        server.close()


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


# ---- what is kept ----


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
