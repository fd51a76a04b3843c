# SPDX-License-Identifier: MIT
"""`mbus decode --key`: forms of modes 5 and 7 that we do not send, and what is told of each."""

import json
import random

from commands import run
from keyfile import KEY_TEXT, NUMBER, OURS, decoded, frame, keyless, security

from mbus.cmac import AUTHENTICATION, cmac, derive
from securedtelegrams import METER, RECORDS, sealed

CLEAR = "octets are clear, anybody may have put them there"


def with_bits(flags, content):
    """A telegram of mode 5 with more bits in its configuration field."""
    telegram = bytearray(sealed(0x72, 5, RECORDS, key=OURS))
    telegram[11] |= content
    telegram[12] |= flags
    return telegram


def test_wireless_flags_do_not_matter(capsys):
    code, report = decoded(capsys, with_bits(0x20, 0), "--key", KEY_TEXT)
    assert (code, len(report["records"])) == (0, 4)
    assert report["header"]["configuration"] == 0x2520
    assert decoded(capsys, with_bits(0xE0, 0x0F), "--key", KEY_TEXT)[0] == 0


def test_a_clear_tail_is_told_apart_from_what_was_encrypted(capsys):
    tail = b"\x02\xfd\x17\x01\x00"
    for mode, counter in ((5, None), (7, 9)):
        telegram = sealed(0x72, mode, RECORDS, counter, OURS) + tail
        code, report = decoded(capsys, telegram, "--key", KEY_TEXT)
        assert code == 1
        assert [record.get("error") for record in report["records"]] == [None] * 4 + ["clear"]
        place = len(telegram) - len(tail) + 6
        assert report["errors"] == ["%d %s (octet %d)" % (len(tail), CLEAR, place)]
        assert security(report) == (mode, "right" if counter else "none", counter, len(tail))
        _, out, _ = run(capsys, "decode", frame(telegram), "--key", KEY_TEXT)
        assert "1 (clear)" in out and "5 octets clear" in out


def test_a_record_that_ends_in_the_clear_tail_is_clear(capsys):
    # It fills the block to its end, and two octets of its data stand behind it.
    telegram = sealed(0x72, 5, b"\x01\xfd\x1f\x00" * 2 + b"\x2f\x2f\x04\x04\x01\x02", key=OURS)
    _, report = decoded(capsys, telegram + b"\x03\x04", "--key", KEY_TEXT)
    assert [record.get("error") for record in report["records"]] == [None, None, "clear"]


def test_no_block_at_all_is_all_clear(capsys):
    telegram = b"\x72" + METER + bytes((1, 0, 0x00, 0x05)) + RECORDS
    code, report = decoded(capsys, telegram, "--key", KEY_TEXT)
    assert code == 1 and len(report["records"]) == 4
    assert {record["error"] for record in report["records"]} == {"clear"}
    assert report["errors"] == ["%d %s (octet 19)" % (len(RECORDS), CLEAR)]


def test_a_mac_behind_an_afl_does_not_make_a_clear_telegram_a_secured_one(capsys):
    telegram = sealed(0x72, 7, RECORDS, 9, OURS)[:17]
    telegram += b"\x72" + METER + bytes((1, 0, 0, 0)) + RECORDS
    code, report = decoded(capsys, telegram, "--key", KEY_TEXT)
    assert code == 1 and security(report) == (0, "not checked", 9, len(RECORDS))
    assert {record["error"] for record in report["records"]} == {"clear"}


def test_other_forms_of_mode_7(capsys):
    telegram = sealed(0x72, 7, RECORDS, 9, OURS)
    stripped = telegram[17:]
    with_counter = stripped[:12] + b"\x27\x10\x09\x00\x00\x00" + stripped[14:]
    for changed, mac, records, words in (
        (stripped, "none", 0, "no message counter, in neither AFL nor header"),
        (with_counter, "none", 4, "mode 7 without a MAC: anybody may have changed it"),
        (telegram[:2] + b"\x00\x6c" + telegram[4:], "not checked", 0, "a fragment of a message"),
        (telegram[:30] + b"\x00" + telegram[31:], "right", 0, "key derivation 0 is not known"),
        (telegram[:-16], "not checked", 0, "32 octets should be encrypted, 16 are there"),
        (telegram[:12], "not checked", 0, "the AFL is cut off, or its lengths contradict"),
        (telegram[:17], "not checked", 0, "no header that is known stands behind the AFL"),
    ):
        code, report = decoded(capsys, changed, "--key", KEY_TEXT)
        assert (code, len(report["records"])) == (1, records), words
        assert any(words in error for error in report["errors"]), (words, report["errors"])
        assert report["security"]["mac"] == mac or records == 0
        assert report["security"]["mac"] != "right" or records


def with_mac(telegram, kind, size):
    """The same telegram of mode 7 with a MAC of another type over all of it, tail and all."""
    key = derive(OURS, memoryview(bytearray(16)), AUTHENTICATION, 9, METER[:4])
    covered = bytes((0x20 | kind,)) + telegram[5:9] + telegram[17:]
    work = memoryview(bytearray(covered + bytes(16)))
    at = cmac(key, work, len(covered))
    front = bytes((0x90, 7 + size, 0, 0x2C, 0x20 | kind)) + telegram[5:9]
    return front + bytes(work[at : at + size]) + telegram[17:]


def test_a_short_mac_is_checked_and_told(capsys):
    telegram = sealed(0x72, 7, RECORDS, 9, OURS)
    assert with_mac(telegram, 5, 8) == telegram
    for kind, size in ((4, 4), (3, 2), (6, 12)):
        code, report = decoded(capsys, with_mac(telegram, kind, size), "--key", KEY_TEXT)
        assert (len(report["records"]), report["security"]["mac"]) == (4, "right")
        short = ["a MAC of no more than %d octets (octet 15)" % size] if size < 8 else []
        assert (code, report["errors"]) == (int(size < 8), short)


def test_a_mac_of_an_unknown_kind_is_not_checked(capsys):
    telegram = with_mac(sealed(0x72, 7, RECORDS, 9, OURS), 8, 8)
    code, report = decoded(capsys, telegram, "--key", KEY_TEXT)
    assert (code, report["security"]["mac"]) == (1, "not checked")
    assert report["errors"] == ["the MAC of 8 octets is of a kind not known (octet 15)"]


def test_a_clear_tail_under_the_mac_is_clear_all_the_same(capsys):
    telegram = with_mac(sealed(0x72, 7, RECORDS, 9, OURS) + b"\x02\xfd\x17\x01\x00", 5, 8)
    code, report = decoded(capsys, telegram, "--key", KEY_TEXT)
    assert code == 1 and security(report) == (7, "right", 9, 5)
    assert report["records"][-1]["error"] == "clear"


def test_places_of_errors_count_the_frame_as_it_came(capsys):
    for mode, counter in ((5, None), (7, 9)):
        # The record cut off: its last octet is the last of the telegram.
        telegram = sealed(0x72, mode, b"\x2f" * 27 + b"\x04\x04\x01", counter, OURS)
        _, report = decoded(capsys, telegram, "--key", KEY_TEXT)
        place = 6 + len(telegram) - 3
        assert report["errors"] == ["the record ends before its data do (octet %d)" % place]


def test_no_telegram_that_is_cut_or_changed_is_too_much(capsys, tmp_path):
    rng, lines = random.Random(62), []
    for _ in range(1500):
        mode = rng.choice((5, 7))
        telegram = bytearray(sealed(0x72, mode, RECORDS, rng.randint(1, 99), OURS))
        for _ in range(rng.randint(0, 3)):
            telegram[rng.randrange(min(len(telegram), 33))] = rng.randrange(256)
        del telegram[rng.randint(1, len(telegram)) :]
        lines.append(frame(telegram + rng.randbytes(rng.choice((0, 0, 1, 16)))))
    path = tmp_path / "dump"
    path.write_text("\n".join(lines))
    for options in ((), ("--key", KEY_TEXT), ("--key", KEY_TEXT, "--meter", NUMBER)):
        _, out, err = run(capsys, "decode", str(path), "--format", "json", *options)
        reports = [json.loads(line) for line in out.splitlines()]
        assert err == "" and len(reports) == len(lines)
        for report in reports:
            found = report["security"]
            # Whatever has records has them decrypted, or says that they are clear.
            assert not (found and report["records"]) or found["decrypted"]
            assert not found or found["mac"] != "wrong" or not report["records"]
        keyless(out)
