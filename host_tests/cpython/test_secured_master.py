# SPDX-License-Identifier: MIT
"""Meters with keys, commanded and read with the command line over a pty: the whole of it."""

import json

import pytest
from keyfile import NUMBER, entry, written
from securedbench import CONFIG, bench

TARIFFS = """
breaker = true
tariff_source = "bus"
[[meter]]
primary = 5
"""


EVERY = (
    ("write 5 special_1 4711", "special_1 is now 00004711"),
    ("write %s threshold 8kW" % NUMBER, "threshold is now 8 kW"),
    ("time 12345678 set 2026-03-10T12:10:00", "time_seconds is now 2026-03-10T12:1"),
    ("time 5 subtract 1h", "time_of_day is now 11:1"),
    ("breaker 5 off", "breaker is now 0 (off)"),
    ("breaker 5 on", "breaker is now 1 (on)"),
    ("prepay 5 on", "prepayment is now 1 (on)"),
    ("prepay 5 add 50kWh", "credit is now 50 kWh"),
    ("ratio 5 200/5", "ratio is now 200"),
    ("ratio 5 lock", "ratio_lock is now 1 (locked)"),
    ("write 5 ratio_lock 0", "ratio_lock is now 0"),
    ("debit 5 freeze", "done: freeze"),
    ("address 5 6", "5 now answers at address 6"),
    ("write 6 primary_address 5", "primary_address is now 5"),
)


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_every_command_is_sealed_and_obeyed(capsys, tmp_path, monkeypatch, level):
    with bench(capsys, tmp_path, monkeypatch, level) as one:
        every = EVERY if level in (1, 3) else EVERY[::2]
        for n, (command, words) in enumerate(every, 1):
            assert words in one.done(command), command
            orders = one.orders()
            assert len(orders) == n and orders[-1][6] == 0x90, command
            assert one.sent() == n
        assert one.clear() == []
        if every is EVERY:
            for command in ("time 5", "debit 5 show 1", "events 5", "diag 5", "breaker 5"):
                one.done(command)
        assert len(one.orders()) == len(every)


def test_mode_5_where_the_key_file_says_so_and_mode_7_where_it_must_be(
    capsys, tmp_path, monkeypatch
):
    with bench(capsys, tmp_path, monkeypatch, 2, TARIFFS, "commands = 5\n") as one:
        for command, ci in (
            ("tariff 5 2", 0x5B),
            ("breaker 5 off", 0x90),
            ("write 5 special_1 1", 0x5B),
            ("debit 5 stop", 0x5B),
        ):
            one.done(command)
            assert one.orders()[-1][6] == ci, command
        assert one.sent() == 4


def test_a_meter_without_a_key_is_told_in_clear(capsys, tmp_path, monkeypatch):
    with bench(capsys, tmp_path, monkeypatch, 0, mine=entry("00000001")) as one:
        one.done("write 5 special_1 1")
        assert one.orders() == [] and len(one.clear()) == 1
        code, words = one.run("breaker 5 off")
        assert code == 1 and "refused breaker: access denied" in words
        assert "takes that encrypted only, for it has a key" in words
        one.done("write 5 special_1 2")


def test_without_its_key_an_encrypted_meter_is_told_for_what_it_is(capsys, tmp_path, monkeypatch):
    with bench(capsys, tmp_path, monkeypatch, 3, mine=entry("00000001")) as one:
        for command in ("time 5", "write 5 special_1 1", "diag 5", "events 5"):
            code, words = one.run(command)
            assert code == 1
            assert "encrypted in mode 7 (AES-128-CBC, derived key), not decoded" in words, words
            assert "no key for " + NUMBER in words


def test_a_wrong_key_is_told(capsys, tmp_path, monkeypatch):
    wrong = "00" * 16
    for level, words in (
        (0, "refused special_1: security error: it has another key than the key file"),
        (1, "refused special_1: security error: it has another key than the key file"),
        (2, "the key does not fit (no 2F 2F)"),
        (3, "MAC wrong: the key does not fit"),
    ):
        folder = tmp_path / str(level)
        folder.mkdir()
        mine = entry(level=level, key=wrong)
        with bench(capsys, folder, monkeypatch, level, mine=mine) as one:
            code, said = one.run("write 5 special_1 1")
            assert code == 1 and words in said, said


def test_what_is_below_the_level_is_told(capsys, tmp_path, monkeypatch):
    with bench(capsys, tmp_path, monkeypatch, 1, mine=entry(level=3)) as one:
        code, words = one.run("write 5 special_1 1")
        assert code == 1
        assert "it is clear, but level 3 of this meter requires mode 7" in words
        assert one.orders() == []
    folder = tmp_path / "more"
    folder.mkdir()
    mine = entry(level=1) + "commands = 5\n"
    with bench(capsys, folder, monkeypatch, 3, mine=mine) as one:
        code, words = one.run("write 5 special_1 1")
        assert code == 1
        assert "special_1: security error: it requires mode 7: set level = 3" in words


def test_a_master_that_has_lost_its_counters_goes_on(capsys, tmp_path, monkeypatch):
    for level in (1, 3):
        folder = tmp_path / str(level)
        folder.mkdir()
        with bench(capsys, folder, monkeypatch, level) as one:
            for n in range(3):
                one.done("write 5 special_1 %d" % n)
            other = folder / "other"
            other.mkdir()
            one.path = written(other, entry(level=level))
            monkeypatch.setenv("MBUS_KEYS", one.path)
            one.done("write 5 special_1 7")
            assert one.sent() == 4
            assert json.loads(one.run("read 5 --format json")[1].splitlines()[0])["errors"] == []


@pytest.mark.parametrize("level", [1, 2, 3])
def test_another_number_is_filed_under_it(capsys, tmp_path, monkeypatch, level):
    with bench(capsys, tmp_path, monkeypatch, level) as one:
        for address, command, number in (
            ("5", "write 5 meter_number 87654321", "876543210D170102"),
            ("87654321", "write 87654321 meter_number 11112222", "111122220D170102"),
            (NUMBER, "write 111122220D170102 identification " + NUMBER, NUMBER),
        ):
            assert one.done(command).startswith("done: "), address
            with open(one.path) as file:
                assert file.read().startswith("[%s]" % number)
            one.done("read " + number)
            one.done("write %s special_1 1" % number[:8])
        code, words = one.run("write 5 meter_number 12345678")
        assert code == 0, words


def test_why_an_address_was_refused_is_told(capsys, tmp_path, monkeypatch):
    with bench(capsys, tmp_path, monkeypatch, 3, "lock = true\n" + CONFIG) as one:
        code, words = one.run("address 5 6")
        assert code == 1 and "5 refused the address: access denied: it is locked" in words
