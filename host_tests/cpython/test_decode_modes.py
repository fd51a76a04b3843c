# SPDX-License-Identifier: MIT
"""`mbus decode`: each mode of encryption is named, and what is in it is never told as clear data."""

import json

import pytest
from commands import run
from keyfile import KEY_TEXT, frame

from securedtelegrams import METER, RECORDS

# EN 13757-7, table 19, in the words of the output.
NAMES = (
    ("manufacturer", 1),
    ("DES", 2),
    ("DES", 3),
    ("reserved", 4),
    ("AES-128-CBC, IV from the header", 5),
    ("reserved", 6),
    ("AES-128-CBC, derived key", 7),
    ("CTR", 8),
    ("GCM", 9),
    ("CCM", 10),
    ("reserved", 11),
    ("reserved", 12),
    ("TLS", 13),
    ("reserved", 14),
    ("special", 15),
)
LONG_HEADERS = b"\x72\x5b\x6c\x6d\x6f\x75"
SHORT_HEADERS = b"\x7a\x5a\x6e\x74"


def telegrams(mode):
    """What says that it is in this mode, and has clear records behind: as someone would forge it."""
    tail = bytes((0x11, 0x00, 0x20, mode)) + RECORDS
    for ci in LONG_HEADERS:
        yield ci, bytes((ci,)) + METER + tail
    for ci in SHORT_HEADERS:
        yield ci, bytes((ci,)) + tail


@pytest.mark.parametrize(("word", "mode"), NAMES)
def test_a_mode_is_named_and_left(capsys, word, mode):
    for ci, telegram in telegrams(mode):
        code, out, _ = run(capsys, "decode", frame(telegram), "--format", "json")
        report = json.loads(out)
        assert (code, report["records"]) == (1, []), ci
        assert word in report["security"]["mode_name"]
        assert report["errors"][0].startswith("encrypted in mode %d (" % mode)
        assert word in report["errors"][0] and "not decoded" in report["errors"][0]
        for form in ("table", "csv"):
            code, out, err = run(capsys, "decode", frame(telegram), "--format", form)
            said = out + err
            assert code == 1 and "mode %d" % mode in said and word in said, (ci, form)
            # The first record would be 123456.78 kWh.
            assert "12345678" not in said.replace(METER[3::-1].hex(), "") and "1534" not in said


@pytest.mark.parametrize(("word", "mode"), NAMES)
def test_a_key_does_not_change_that_but_for_modes_5_and_7(capsys, word, mode):
    for ci, telegram in telegrams(mode):
        options = ("--key", KEY_TEXT, "--meter", "123456780D170102", "--format", "json")
        code, out, _ = run(capsys, "decode", frame(telegram), *options)
        report = json.loads(out)
        assert code == 1 and report["errors"], (mode, ci)
        if mode not in (5, 7):
            assert report["records"] == [] and word in report["errors"][0]
        for record in report["records"]:
            assert record["error"] == "clear"
