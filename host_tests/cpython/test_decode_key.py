# SPDX-License-Identifier: MIT
"""`mbus decode --key`: telegrams of modes 5 and 7, the keys for them, and other modes."""

import csv
import io
import json
import random

import pytest
from commands import run
from keyfile import KEY_TEXT, NUMBER, OURS, decoded, frame, keyless, security, written

from mbus.secured import COMMAND, READOUT
from securedtelegrams import (
    COMMAND_5,
    COMMAND_7,
    METER,
    OMS_LONG,
    OMS_MODE_5,
    OMS_SHORT,
    READOUT_5,
    READOUT_7,
    RECORDS,
    SET_CLOCK,
    sealed,
)

RAISING_TEXT = "00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F"
OMS_TEXT = "0102030405060708090A0B0C0D0E0F11"
VOLUME = [("volume", 28504.27), ("date and time", "2008-05-31T23:50"), ("error flags", 0)]


def values(report):
    return [(record["quantity"], record["value"]) for record in report["records"]]


@pytest.mark.parametrize(
    ("telegram", "key", "expected"),
    [
        (OMS_MODE_5, OMS_TEXT, (5, "none", None, 0)),
        (OMS_SHORT, RAISING_TEXT, (7, "right", 0x0AB3, 0)),
        (OMS_LONG, RAISING_TEXT, (7, "right", 0x0AB3, 0)),
    ],
)
def test_public_examples(capsys, telegram, key, expected):
    code, report = decoded(capsys, telegram, "--key", key, "--meter", "12345678")
    assert (code, report["errors"]) == (0, [])
    assert values(report) == VOLUME
    assert security(report) == expected
    assert report["header"]["security_mode"] == expected[0]


def test_our_examples(capsys):
    for telegram, first in (
        (READOUT_5, ("energy", 123456780)),
        (READOUT_7, ("energy", 123456780)),
        (COMMAND_5, ("unique message identification", 1001)),
        (COMMAND_7, ("remote control", 0)),
    ):
        code, report = decoded(capsys, telegram, "--key", RAISING_TEXT)
        assert (code, report["errors"]) == (0, [])
        assert values(report)[0] == first
        assert report["frame"]["ci"] == telegram[0]
        assert report["header"]["configuration"] & 0x1F00 == report["security"]["mode"] << 8


def test_a_table_says_how_a_telegram_is_secured(capsys):
    _, out, _ = run(capsys, "decode", frame(READOUT_7), "--key", RAISING_TEXT)
    words = "security: mode 7 (AES-128-CBC, derived key), MAC right, counter 2739, nothing clear"
    assert out.splitlines()[0] == words
    assert "1534  W" in out
    _, out, _ = run(capsys, "decode", frame(READOUT_5), "--key", RAISING_TEXT)
    assert "mode 5 (AES-128-CBC, IV from the header), no MAC, nothing clear\n" in out


def test_a_key_that_does_not_fit(capsys):
    for telegram, words in (
        (READOUT_5, "the key does not fit (no 2F 2F) (octet 19)"),
        (READOUT_7, "MAC wrong: the key does not fit, or the telegram was changed (octet 15)"),
    ):
        code, report = decoded(capsys, telegram, "--key", KEY_TEXT)
        assert (code, report["records"], report["errors"]) == (1, [], [words])
        assert not report["security"]["decrypted"]
        assert report["header"]["identification"] == "12345678"
    assert report["security"]["mac"] == "wrong"


def test_any_flipped_octet_behind_the_afl_makes_the_mac_wrong(capsys):
    telegram = sealed(0x72, 7, RECORDS, 7, OURS)
    for at in (5, 10, 17 + 5, 17 + 9, len(telegram) - 1):
        flipped = bytearray(telegram)
        flipped[at] ^= 0x10
        code, report = decoded(capsys, flipped, "--key", KEY_TEXT)
        assert (code, report["security"]["mac"], report["records"]) == (1, "wrong", []), at


def test_without_a_key_the_mode_is_named_and_nothing_decoded(capsys):
    for mode in range(1, 16):
        telegram = b"\x72" + METER + bytes((1, 0, 0x20, mode)) + bytes((0x10,)) + bytes(32)
        for options in ((), ("--key", KEY_TEXT)):
            if options and mode in (5, 7):
                continue
            code, report = decoded(capsys, telegram, *options)
            assert (code, report["records"]) == (1, [])
            assert report["security"]["mode"] == report["header"]["security_mode"] == mode
            assert report["errors"][0].startswith("encrypted in mode %d (" % mode)
            assert "not decoded" in report["errors"][0]
    _, report = decoded(capsys, READOUT_7)
    assert report["header"]["identification"] == "12345678"
    assert security(report) == (7, "not checked", 0x0AB3, 0)


def test_a_clear_telegram_has_no_security(capsys):
    code, report = decoded(
        capsys, b"\x72" + METER + bytes((1, 0, 0, 0)) + RECORDS, "--key", KEY_TEXT
    )
    assert (code, report["security"], len(report["records"])) == (0, None, 4)


def test_random_telegrams_of_all_kinds(capsys, tmp_path):
    rng, lines, expected = random.Random(61), [], []
    for _ in range(200):
        mode = rng.choice((5, 7))
        ci = rng.choice([c for c in (*COMMAND, *READOUT) if c not in (0x6C, 0x6D)])
        value = rng.randrange(1 << 31)
        records = b"\x04\x04" + value.to_bytes(4, "little")
        lines.append(frame(sealed(ci, mode, records, rng.randint(1, 1 << 32) - 1 or 1, OURS)))
        expected.append(value)
    path = tmp_path / "dump"
    path.write_text("\n".join(lines))
    options = ("--format", "json", "--key", KEY_TEXT, "--meter", NUMBER)
    code, out, _ = run(capsys, "decode", str(path), *options)
    reports = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [report["records"][-1]["value"] for report in reports] == [10 * v for v in expected]


# ---- keys and meters ----


def test_a_key_file_gives_each_meter_its_key(capsys, tmp_path):
    path = written(tmp_path, '[12345678]\nkey = "%s"\n' % KEY_TEXT)
    dump = tmp_path / "dump"
    other = b"\x79" + METER[1:]
    dump.write_text(
        "%s\n%s\n"
        % (
            frame(sealed(0x72, 5, SET_CLOCK, key=OURS)),
            frame(sealed(0x72, 5, SET_CLOCK, key=OURS, address=other)),
        )
    )
    code, out, _ = run(capsys, "decode", str(dump), "--key", path, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (code, rows[0]["value"]) == (1, "2025-11-22T07:45")
    assert "no key for 123456790D170102" in rows[1]["error"]
    keyless(out)


def test_a_short_header_needs_the_meter(capsys):
    for mode, counter in ((5, None), (7, 9)):
        telegram = sealed(0x7A, mode, RECORDS, counter, OURS)
        code, report = decoded(capsys, telegram, "--key", KEY_TEXT)
        assert (code, report["records"]) == (1, [])
        assert "the short header names no meter" in report["errors"][0]
        code, report = decoded(capsys, telegram, "--key", KEY_TEXT, "--meter", NUMBER)
        assert (code, len(report["records"])) == (0, 4)
        code, report = decoded(capsys, telegram, "--key", KEY_TEXT, "--meter", NUMBER[:8])
        assert len(report["records"]) == (4 if mode == 7 else 0)
        assert mode == 7 or "the whole secondary address" in report["errors"][0]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (KEY_TEXT[:-1], "--key: a key has 32 hexadecimal digits, not 31"),
        (KEY_TEXT + "00", "--key: a key has 32 hexadecimal digits, not 34"),
        (KEY_TEXT[:-1] + "O", "--key: that is neither hexadecimal digits nor a file"),
        ("./" + KEY_TEXT, "--key: that is neither hexadecimal digits nor a file"),
        ("", "--key: a key has 32 hexadecimal digits, not 0"),
    ],
)
def test_a_wrong_key_is_wrong_usage_and_not_repeated(capsys, value, words):
    code, out, err = run(capsys, "decode", "E5", "--key", value)
    assert (code, out) == (2, "")
    assert words in err
    keyless(err)


def test_a_wrong_meter_is_wrong_usage(capsys):
    for value in ("5", "1234567F", "1234567FFFFFFFFF", "1234567", "1234567G", KEY_TEXT):
        code, out, err = run(capsys, "decode", "E5", "--key", KEY_TEXT, "--meter", value)
        assert (code, out) == (2, "")
        assert "--meter: give all 16 or 8 digits of one meter" in err
        keyless(err)


def test_while_a_key_is_being_changed_either_opens(capsys, tmp_path):
    text = '[%s]\nkey = "%s"\npending = "%s"\n' % (NUMBER, RAISING_TEXT, KEY_TEXT)
    path = written(tmp_path, text)
    for telegram in (
        READOUT_5,
        READOUT_7,
        sealed(0x72, 5, RECORDS, key=OURS),
        sealed(0x72, 7, RECORDS, 40, OURS),
    ):
        code, report = decoded(capsys, telegram, "--key", path)
        assert (code, report["errors"], len(report["records"])) == (0, [], 4)
    changed = READOUT_7[:-1] + bytes((READOUT_7[-1] ^ 1,))
    code, report = decoded(capsys, changed, "--key", path)
    assert code == 1 and len(report["errors"]) == 1 and report["security"]["mac"] == "wrong"
