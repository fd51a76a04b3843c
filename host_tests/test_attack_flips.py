# SPDX-License-Identifier: MIT
"""Commands with a bit flipped, cut, lengthened, and put together from several."""

from attacker import (
    FAILED,
    KEY_CHANGE,
    KINDS,
    afl_of,
    body_of,
    flips,
    held,
    prepared,
    unchanged,
    victim,
    ways,
    works,
)
from securedmeter import SECOND, alarms
from securedtelegrams import octets

# isort: split
from mbus.security import Key

DENIED = 0x10
STATUS_AT = 10  # in a long header, CI included

TARIFF = "01 FF 13 0%d"


def commands(level, mode):
    """(name, the meter, a command) of every kind that may come so."""
    meters = {}
    for name, ci, records, least, kind in KINDS:
        if mode >= least:
            one = meters.get(kind) or meters.setdefault(kind, victim(level, kind))
            yield name, prepared(one, name), one.seal(records, mode, ci=ci)


def flipped(level, mode):
    """Each bit of each kind of command, before its owner's arrives; each octet's top bit after."""
    for name, one, frame in commands(level, mode):
        before = held(one)
        for i, bad in flips(frame):
            if mode == 5 and (i == STATUS_AT or i >= body_of(frame) + 16):
                continue  # see below
            one.module.meter.alarms = 0
            code = one.say(bad, wait=3000)
            # A first octet or a mode field that makes it a clear command is denied.
            assert code, (level, mode, name, i)
            assert bool(alarms(one)) == (code == FAILED), (name, i, code)
            assert one.module.keyring.highest == before[-1][0], (name, i)
        unchanged(one, before, level, mode, name)


def test_a_flipped_bit_is_noticed_in_mode_7():
    flipped(3, 7)


def test_a_flipped_bit_is_noticed_in_mode_5():
    flipped(1, 5)


def test_a_flipped_bit_is_noticed_where_commands_may_be_clear():
    for name, one, frame in commands(0, 7):
        before = held(one)
        for i, bad in flips(frame):
            if i < body_of(frame):
                assert one.say(bad, wait=3000), (name, i)
        unchanged(one, before, name)


def test_the_genuine_command_is_obeyed_behind_all_that_was_made_of_it():
    for level in range(1, 4):
        for mode in ways(level):
            for name, ci, records, least, kind in KINDS:
                if mode < least or name in ("address", "key"):
                    continue
                one = prepared(victim(level, kind), name)
                before = held(one)
                frame = one.seal(records, mode, ci=ci)
                for n, (_, bad) in enumerate(flips(frame)):
                    if n % 41 == 0 and bad[STATUS_AT] == frame[STATUS_AT]:
                        one.say(bad, wait=3000)
                if held(one)[-1] == before[-1]:
                    unchanged(one, before, level, mode, name)
                    assert one.say(frame, wait=3000) == 0, (level, mode, name)
                    assert held(one)[:-1] != before[:-1], (level, mode, name)
                works(one, mode)


def test_what_is_no_part_of_the_meaning_of_a_mode_5_command_changes_nothing():
    # The status octet says nothing in a command.  It is under no check in mode 5.
    one = victim(1, "t")
    frame = bytearray(one.seal(TARIFF % 2, 5))
    frame[STATUS_AT] ^= 0x04
    assert one.say(bytes(frame)) == 0
    assert one.module.meter.tariff.active == 2
    works(one, 5)


def test_a_mode_5_command_of_two_blocks_is_obeyed_whole_or_not_at_all():
    # The second block has no check of its own: a bit of it makes sixteen others.  What comes
    # out makes no sense as records, and then nothing in front of it is obeyed.
    long = [row for row in KINDS if row[3] == 5 and len(octets(row[2])) > 7]
    assert len(long) >= 4
    for level in (1, 2):
        for name, ci, records, _, kind in long:
            one = prepared(victim(level, kind), name)
            for front in ("", "04 FF 46 2C 01 00 00 "):
                frame = one.seal(front + records, 5, ci=ci)
                start = body_of(frame) + 16
                assert len(frame) >= start + 16
                for i in range(start, len(frame)):
                    before = held(one)
                    bad = bytearray(frame)
                    bad[i] ^= 0x10
                    code = one.say(bytes(bad), wait=3000)
                    assert code, (name, i)
                    unchanged(one, before[:-1], level, name, i)
                    if held(one)[-1] != before[-1]:
                        frame = one.seal(front + records, 5, ci=ci)
            works(one, 5)


def test_nothing_is_obeyed_of_a_cut_command():
    for level in range(4):
        for mode in ways(level):
            for name, one, frame in commands(level, mode):
                before = held(one)
                for n in range(1, len(frame)):
                    cut = frame[:n]
                    assert one.say(cut, wait=3000) in (FAILED, DENIED), (level, mode, name, n)
                    body = body_of(frame)
                    if n > body:
                        # And with the number of blocks that is left.
                        some = bytearray(cut)
                        at = afl_of(frame) + (3 if frame[afl_of(frame)] == 0x5A else 11)
                        some[at] = (n - body) // 16 << 4
                        code = one.say(bytes(some), wait=3000)
                        assert code, (level, mode, name, n)
                unchanged(one, before[:-1], level, mode, name)


def test_nothing_can_be_appended():
    tails = [b"\x2f", bytes(16), b"\x2f" * 16, octets("01 FF 13 04"), octets("0F 01")]
    tails += [octets("04 FF 46 2C 01 00 00"), octets("01 7A 01")]
    for level in range(4):
        for mode in ways(level):
            for name, one, frame in commands(level, mode):
                before = held(one)
                for tail in tails:
                    assert one.say(frame + tail, wait=3000) == FAILED, (level, mode, name)
                    # The blocks counted anew, where that is a whole number of them.
                    some = bytearray(frame + tail + bytes(-len(tail) % 16))
                    at = afl_of(frame) + 11
                    some[at] = (len(some) - body_of(frame)) // 16 << 4
                    code = one.say(bytes(some), wait=3000)
                    assert code, (level, mode, name)
                    unchanged(one, before[:-1], level, mode, name)


def test_no_command_is_put_together_from_two():
    for level in range(4):
        for mode in ways(level):
            one = victim(level, "t")
            frames = [one.seal(TARIFF % n, mode) for n in (2, 3)]
            frames.append(one.seal("8C 40 FD 67 55 66 77 88", mode))
            before = held(one)
            for first in frames:
                for second in frames:
                    if first is second:
                        continue
                    a, b = body_of(first), body_of(second)
                    head = afl_of(first)
                    for mixed in (
                        first[:a] + second[b:],
                        first[:head] + second[head:],
                        first[:5] + second[5:],
                        first[: head + 9] + second[head + 9 : b] + first[a:],
                        first[:-8] + second[-8:],
                    ):
                        if mixed not in (first, second):
                            code = one.say(mixed, wait=3000)
                            assert code, (level, mode)
            unchanged(one, before[:-1], level, mode)
            works(one, mode)


def test_a_change_of_key_that_was_changed_sets_no_key():
    for level in range(4):
        one = victim(level, "t")
        frame = one.seal(KEY_CHANGE)
        before = held(one)
        for i, bad in flips(frame):
            assert one.say(bad, wait=1000), i
        unchanged(one, before)
        works(one)
        assert one.command(KEY_CHANGE) == 0
        one.key, one.counter, one.highest = Key(SECOND), 0, None
        works(one)
