# SPDX-License-Identifier: MIT
"""The reader role with keys: what it opens, what it refuses, and what it keeps of counters."""

import json
from binascii import hexlify

from fakeline import FakeLine, FakeMeter
from helpers import raises
from mbus.exchange import MasterLink
from mbus.master import Master
from reader.keys import Keys, KeysError, parsed
from reader.rounds import Reader
from securedtelegrams import METER, RAISING, RECORDS, octets, sealed
from slots import Slots

HEX = "000102030405060708090A0B0C0D0E0F"
NUMBER = "123456780D170102"
CLEAR = b"\x72" + METER + b"\x01\x00\x00\x00" + RECORDS
MODE_5 = sealed(0x72, 5, RECORDS)
MODE_7 = sealed(0x72, 7, RECORDS, 40)


def lines(level=3, name=NUMBER, key=HEX):
    return ["# mine", "[%s]" % name, 'key = "%s" # secret' % key, "level = %d" % level, ""]


class Scripted(FakeMeter):
    """Answers with whole telegrams, from their CI on."""

    def __init__(self, telegrams):
        super().__init__(METER, 5, telegrams)

    def _data(self, kind, first, new):
        at = 0 if first else (self._index.get(kind, -1) + new) % len(self.records)
        self._index[kind] = at
        return self._frame(self.records[at][0], self.records[at][1:])


def told(telegrams, level=3, place="5", slots=None, text=None):
    """(lines of records, errors) of one round."""
    line, said = FakeLine([Scripted(telegrams)]), []
    link = MasterLink(line, Master(tries=2), line.baud, "off")
    keys = Keys(text or lines(level), slots or Slots())
    reader = Reader(link, [place], 60_000, said.append, keys.opening)
    end = line.ms + 20_000
    while line.ms < end and not reader.rounds:
        line.advance(reader.poll(line.now) or 1)
    found = [json.loads(one) for one in said]
    for one in said:
        assert HEX not in one and HEX.lower() not in one
    return [one for one in found if "name" in one], [
        one["error"] for one in found if "error" in one
    ]


def test_what_the_key_opens_is_told_like_anything_else():
    more = sealed(0x72, 7, RECORDS + b"\x1f", 39)
    for place in ("5", "12345678", NUMBER, "FFFFFFFF"):
        for text in (
            lines(3),
            lines(3, NUMBER[:8]),
            lines(2, key=" ".join(("0001020304050607", "08090A0B0C0D0E0F"))),
        ):
            records, errors = told((more, MODE_7), place=place, text=text)
            assert len(records) == 8 and not errors, (place, errors)
            assert records[0]["meter"] == NUMBER
            assert [r["value"] for r in records[:3]] == [123456780, 345670, 1534]
        records, errors = told((MODE_5,), 2, place)
        assert len(records) == 4 and not errors


def test_a_short_header_is_of_the_meter_that_was_selected():
    short = sealed(0x7A, 7, RECORDS, 40), sealed(0x7A, 5, RECORDS)
    for telegram in short:
        records, errors = told((telegram,), 2, NUMBER)
        assert len(records) == 4 and not errors
    assert told((short[0],), 2, "12345678", text=lines(2, NUMBER[:8]))[1] == []
    assert "CI 7A" not in told((short[0],), 2, "5")[1][0]


NO_MAC = MODE_7[17:]
CASES = (
    (CLEAR, 2, "clear, or secured in a way that is not enough (mode 0)"),
    (CLEAR, 3, "not enough (mode 0)"),
    (MODE_5, 3, "not enough (mode 5)"),
    (NO_MAC, 2, "not enough (mode 7)"),
    (MODE_5 + b"\x01\xfd\x1f\x00", 2, "not enough (mode 5)"),
    (CLEAR[:12] + b"\x08" + CLEAR[13:], 2, "not enough (mode 8)"),
    (b"\x78" + RECORDS, 2, "not enough (mode 0)"),
    (
        sealed(0x72, 7, RECORDS, 40, address=b"\x79" + METER[1:]),
        3,
        "in the place of a meter with a key",
    ),
    (MODE_7[:-1] + bytes((MODE_7[-1] ^ 1,)), 3, "MAC wrong"),
    (MODE_5[:13] + bytes((MODE_5[13] ^ 1,)) + MODE_5[14:], 2, "the key does not fit"),
)


def test_what_is_below_the_level_or_wrong_is_refused():
    for telegram, level, words in CASES:
        for place in (NUMBER, "12345678"):
            records, errors = told((telegram,), level, place)
            assert not records and words in errors[0], (words, errors)
        first = sealed(0x72, 7, RECORDS + b"\x1f", 39)
        records, errors = told((first, telegram), level, "5")
        assert (len(records) == 4 and words in errors[0]) or "another meter" in errors[0], errors


def test_below_level_2_a_meter_may_be_clear_and_strangers_always_may():
    for level in (0, 1):
        assert len(told((CLEAR,), level)[0]) == 4
        assert len(told((MODE_7,), level)[0]) == 4
    assert len(told((CLEAR,), 3, "5", text=lines(3, "87654321"))[0]) == 4
    assert told((b"\x70\x14",), 3)[0] == []


def test_every_mode_is_named_and_never_taken_for_clear_data():
    for mode in range(1, 16):
        telegram = CLEAR[:12] + bytes((mode,)) + CLEAR[13:]
        for level in (0, 1, 2, 3):
            records, errors = told((telegram,), level)
            assert not records and "mode %d" % mode in errors[0], (mode, level)
        records, errors = told((telegram,), 3, text=lines(3, "87654321"))
        assert not records and errors, mode


def test_a_counter_does_not_come_back_over_a_restart():
    slots = Slots()
    other = sealed(0x72, 7, RECORDS[6:], 40)
    for counter, good in (
        (40, True),
        (39, False),
        (40, True),
        (41, True),
        (40, False),
        (42, True),
    ):
        telegram = sealed(0x72, 7, RECORDS, counter)
        records, errors = told((telegram,), slots=slots)
        assert bool(records) == good, counter
        assert good or "does not go up" in errors[0]
    assert "does not go up" in told((other,), slots=slots)[1][0]
    # Another key, or another number, has counters of its own; what is not there any more gives room.
    for n in range(100):
        key = "%032X" % (n + 1)
        assert told((CLEAR,), 1, slots=slots, text=lines(1, key=key))[0]
    assert len(slots.octets) <= 2 * 39


class Torn(Slots):
    """Slots of which write number `left` is cut, in the middle or in front of it."""

    left = 0
    torn = False

    def save(self, slot, octets):
        self.left -= 1
        if self.left == -1:
            if self.torn:
                self.octets[slot] = bytes(octets)[: len(octets) // 2]
            raise KeyboardInterrupt
        super().save(slot, octets)


def test_power_cuts_never_lower_a_counter_nor_stop_the_reader():
    for torn in (False, True):
        for left in range(8):
            slots = Torn()
            slots.left, slots.torn = left, torn
            seen = 0
            try:
                for counter in (10, 11, 12):
                    assert told((sealed(0x72, 7, RECORDS, counter),), slots=slots)[0]
                    seen = counter
            except KeyboardInterrupt:
                pass
            slots.left = -9
            if seen:
                assert told((sealed(0x72, 7, RECORDS, seen - 1),), slots=slots)[0] == []
            assert told((sealed(0x72, 7, RECORDS, 12),), slots=slots)[0]


def test_damaged_and_full_storage_is_told():
    slots = Slots()
    assert told((MODE_7,), slots=slots)[0]
    for slot in slots.octets:
        slots.octets[slot] = b"x"
    assert "are damaged" in str(raises(KeysError, Keys, lines(), slots))
    slots = Slots()
    Keys(lines(), slots)
    slots.full = True
    assert "cannot be stored" in told((MODE_7,), slots=slots)[1][0]
    slots.octets = {}
    assert "cannot be stored" in str(raises(KeysError, Keys, lines(), slots))


def test_a_wrong_file_is_told_by_its_line_and_never_repeated():
    good = lines()
    for text, words in (
        (good[:2], "has no key"),
        ([], "0 meters"),
        (["key = " + HEX], "line 1"),
        (good[:2] + ['key = "%s"' % HEX[1:]], "line 3"),
        (good[:2] + ['key = "%sG"' % HEX[1:]], "line 3"),
        (good + ["level = 4"], "line 6"),
        (good + ["level = x"], "line 6"),
        (good + ['pending = "%s"' % HEX], "line 6"),
        (good + good, "is there twice"),
        (["[%s]" % HEX], "line 1"),
        (["[1234567F]"], "line 1"),
        ([HEX], "line 1"),
    ):
        said = str(raises(KeysError, parsed, text))
        assert words in said, (text, said)
        assert HEX[2:20] not in said
    found = parsed(good)[0]
    block, same = bytearray(16), bytearray(16)
    found.key.encrypt_block(block)
    RAISING.encrypt_block(same)
    assert block == same and found.level == 3
    for one in (found, found.key, Keys(good, Slots())):
        assert HEX.lower() not in repr(one) and repr(octets(HEX)) not in repr(one)
    assert hexlify(found.address) == b"785634120d170102"
