# SPDX-License-Identifier: MIT
"""Encrypted meters are read with the key file, and refused below the level they must have."""

from itertools import product

import pytest
from keyedreading import ANYBODY, BY_NUMBER, CLEAR, MODE_5, MODE_7, MORE_7, Scripted, read
from keyfile import NUMBER, OURS

from fakeline import FakeLine
from fakeline import run as exchange
from mbus.master import Master
from mbusnode import keys
from mbusnode.report import Report
from mbusnode.secured import MODES
from mbusnode.securedreading import OpenedMeter, opening
from securedtelegrams import METER, RECORDS, sealed


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
