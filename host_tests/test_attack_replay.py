# SPDX-License-Identifier: MIT
"""What is recorded on the bus is sent again: at once, later, and in every other surrounding."""

from attacker import (
    FAILED,
    KEY_CHANGE,
    KINDS,
    held,
    prepared,
    state_of,
    unchanged,
    victim,
    ways,
    works,
)
from securedmeter import FIRST, SECOND, alarms

# isort: split
from mbus.security import Key
from stations import select, text

TARIFF = "01 FF 13 0%d"
LEVELS = (0, 2, 3)  # commands are the same at level 1


def commands(level):
    """(name, the meter, a command in a mode) of every kind of command to meters of a level."""
    for name, ci, records, least, kind in KINDS:
        for mode in ways(level):
            if mode >= least:
                one = prepared(victim(level, kind), name)
                yield name, one, one.seal(records, mode, ci=ci)


def surroundings(one):
    """Do one thing after the other that a station might take for a new beginning."""
    yield "at once"
    yield "later"
    one.line.short(0x40, one.module.primary)
    yield "behind SND_NKE"
    select(one.line)
    yield "behind a selection"
    one.line.short(0x40, 0xFD)
    yield "behind a deselection"
    one.rig.persist()
    one.start()
    yield "behind a power cut"


def test_every_command_is_obeyed_and_its_repetition_is_not():
    for level in LEVELS:
        for name, one, frame in commands(level):
            before = state_of(one)
            assert one.say(frame, wait=3000) == 0, (level, name)
            one.rig.pass_time(5000)  # until the relay has moved
            after = held(one)
            assert after[:-1] != before, (level, name)
            for n, where in enumerate(surroundings(one)):
                after = held(one)  # a power cut is an event
                one.module.meter.alarms = 0
                wait = 1000 if where == "at once" else 100_000
                for c in (0x53, (0x73, 0x43)[n & 1]):
                    assert one.say(frame, c=c, wait=wait) == 0, (level, name, where)
                assert not alarms(one)
                unchanged(one, after, level, name, where)


def test_behind_another_command_a_record_is_a_failure_for_ever():
    for level in LEVELS:
        for name, one, frame in commands(level):
            assert one.say(frame, wait=3000) == 0
            if name == "key":
                one.key, one.counter, one.highest = Key(SECOND), 0, None
            works(one)
            for where in surroundings(one):
                before = held(one)
                one.module.meter.alarms = 0
                assert one.say(frame, wait=3000) == FAILED, (level, name, where)
                assert alarms(one)
                unchanged(one, before, level, name, where)
            works(one)


def test_records_of_before_a_change_of_key_are_good_for_nothing():
    for level in range(4):
        one = victim(level, "t")
        recorded = []
        for n in range(2, 5):
            recorded.append(one.seal(TARIFF % n, ways(level)[n % len(ways(level))]))
            assert one.say(recorded[-1]) == 0
        never_came = one.seal(TARIFF % 2)
        change = one.seal(KEY_CHANGE)
        assert one.say(change) == 0
        one.key, one.counter, one.highest = Key(SECOND), 0, None
        before = held(one)
        for frame in recorded + [never_came]:
            assert one.say(frame) == FAILED
        assert one.say(change) == 0  # the last one, which has been done
        unchanged(one, before)
        works(one, 5)
        before = held(one)
        for frame in recorded + [never_came, change]:
            assert one.say(frame) == FAILED
        unchanged(one, before)
        works(one)


def test_a_key_of_the_past_does_not_come_back_with_its_records():
    for level in range(4):
        one = victim(level, "t")
        recorded = [one.seal(TARIFF % n) for n in (2, 3)]
        for frame in recorded:
            assert one.say(frame) == 0
        for there, octets in ((KEY_CHANGE, SECOND), ("0D FD 19 F0" + text(FIRST), None)):
            assert one.command(there) == (0 if octets else 0x12)
            if octets:
                one.key, one.counter, one.highest = Key(octets), 0, None
        before = held(one)
        for frame in recorded:
            assert one.say(frame) == FAILED
        unchanged(one, before)
        works(one)


def test_records_of_before_a_change_of_number_are_good_for_nothing():
    for level in range(4):
        for mode in ways(level):
            one = victim(level, "t")
            recorded = one.seal(TARIFF % 2, mode)
            assert one.say(recorded) == 0
            never_came = one.seal(TARIFF % 4, mode)
            renamed = one.seal("0C 79 09 08 07 06", mode)
            assert one.say(renamed) == 0
            for frame in (recorded, never_came):
                before = held(one)
                assert one.say(frame) == FAILED
                unchanged(one, before)
            assert one.say(renamed) == 0  # its E5 may have been lost
            works(one, mode)
            # And back: what was recorded under the first number is of the past.
            assert one.command("0C 79 78 56 34 12", mode) == 0
            before = held(one)
            for frame in (recorded, never_came, renamed):
                assert one.say(frame) == FAILED
            unchanged(one, before)
            works(one, mode)


def test_another_number_makes_no_command_of_one_recorded_before():
    # The number is in the IV of mode 5: with its fourth octet changes that of the counter which
    # comes first, and what was recorded would go up to 255 further.
    for level in range(3):
        for new in ("92", "53", "13", "00"):
            for mode in ways(level):
                one = victim(level, "t")
                recorded = [one.seal(TARIFF % (2 + n % 2), 5) for n in range(4)]
                for frame in recorded:
                    assert one.say(frame, wait=3000) == 0
                one.module.meter.tariff.active = 1
                renamed = one.seal("0C 79 78 56 34" + new, mode)
                assert one.say(renamed, wait=3000) == 0
                assert one.say(renamed, wait=3000) == 0
                assert not alarms(one)
                before = held(one)
                own = bytes(one.module.identification)
                for frame in recorded:
                    assert one.say(frame[:1] + own + frame[9:], wait=3000) == FAILED
                unchanged(one, before)
                works(one, mode)


def test_a_command_held_back_is_obeyed_once_or_never():
    # What the attacker keeps from the meter and lets through later is the owner's, once.
    for level in range(4):
        for mode in ways(level):
            one = victim(level, "t")
            kept, next_one = one.seal(TARIFF % 2, mode), one.seal(TARIFF % 3, mode)
            assert one.say(next_one) == 0
            before = held(one)
            assert one.say(kept) == FAILED
            unchanged(one, before)
            works(one, mode)


def test_a_readout_is_no_command():
    for level in (2, 3):
        one = victim(level, "t")
        recorded = [one.ask(c) for c in (0x7B, 0x5B)]
        before = held(one)
        for telegram in recorded:
            assert one.say(telegram) == FAILED
            # Nor with the CI of a command in front of the same.
            at = 17 if level == 3 else 0
            for ci in b"\x5a\x5b\x6c\x6d\x51":
                assert one.say(telegram[:at] + bytes((ci,)) + telegram[at + 1 :])
        unchanged(one, before)
        works(one)


def test_counters_that_were_used_are_refused_with_any_content():
    # Somebody who had the key's owner start anew from a counter of the past.
    for level in range(4):
        for mode in ways(level):
            one = victim(level, "t")
            one.counter = 1000
            works(one, mode)
            before = held(one)
            for counter in (1, 2, 500, 999, 1000, one.counter):
                assert one.command(TARIFF % 2, mode, counter=counter) == FAILED
            # Nor one of a future that only an attacker can have: beyond the window.
            far = one.counter + ((1 << 31) if mode == 7 else (1 << 23)) + 1
            assert one.command(TARIFF % 2, mode, counter=far) == FAILED
            unchanged(one, before)
            works(one, mode)


def test_an_exhausted_counter_refuses_until_there_is_another_key():
    for level in range(4):
        one = victim(level, "t")
        one.module.keyring.accept(0xFFFFFFFE, bytes(8))
        before = held(one)
        for mode in ways(level):
            for counter in (1, 0xFFFFFFFE, 0xFFFFFFFF):
                assert one.command(TARIFF % 2, mode, counter=counter) == FAILED
        unchanged(one, before)
        assert one.command(KEY_CHANGE, counter=0xFFFFFFFF) == 0
        one.key, one.counter, one.highest = Key(SECOND), 0, None
        works(one)
