# SPDX-License-Identifier: MIT
"""The attacker switches the supply, sends many failures, and replays whole sessions on a wire."""

from attacker import FAILED, KEY_CHANGE, KINDS, held, prepared, state_of, unchanged, victim, works
from helpers import raises
from securedmeter import FIRST, SECOND, Owner, PowerCut

# isort: split
from linebench import Bench
from mbus.security import Key
from stations import long, text

TARIFF = "01 FF 13 0%d"
CUT = ("tariff", "number", "special", "baud", "breaker", "credit", "freeze", "ratio lock")


def again(one, slots):
    """The same meter after a start, with what its owner knows."""
    other = Owner(0, None, slots, **one.given)
    other.key, other.counter = one.key, one.counter
    return other


def cuts(one, action):
    """What is left of every cut of the writes that action(meter) does, torn and not."""
    counted = again(one, one.slots.copy())
    first = counted.slots.writes
    action(counted)
    writes = counted.slots.writes - first
    assert writes
    for torn in (False, True):
        for n in range(writes):
            left = again(one, one.slots.copy())
            left.slots.left, left.slots.torn = n, torn
            raises(PowerCut, action, left)
            left.slots.left = None
            yield again(one, left.slots)


def stored(one):
    """All that is due is, whenever it may be."""
    one.rig.pass_time(120_000, 30_000)
    one.rig.persist()
    one.rig.pass_time(120_000, 30_000)
    one.rig.persist()


def test_a_command_is_obeyed_once_at_most_wherever_the_supply_goes():
    for level, mode in ((0, 5), (2, 7), (3, 7)):
        for name, ci, records, least, kind in KINDS:
            if name not in CUT:
                continue
            one = prepared(victim(level, kind), name)
            stored(one)
            frame = one.seal(records, max(mode, least), ci=ci)

            def action(some, frame=frame):
                some.say(frame, wait=1000)
                stored(some)

            for left in cuts(one, action):
                before = held(left)
                taken = before[-1][0] > 0
                assert left.say(frame, wait=5000) == 0, (level, name)
                # Sent again by its owner who has no E5: not obeyed if it was taken before.
                if taken:
                    unchanged(left, before, level, name)
                else:
                    assert state_of(left) != before[:-1], (level, name)
                left.counter = one.counter
                left.rig.pass_time(5000)
                before = held(left)
                left.start()
                assert left.say(frame, wait=5000) == 0
                assert held(left)[-1] == before[-1]
                works(left)
                assert left.say(frame, wait=5000) == FAILED


def test_what_cannot_be_stored_is_not_obeyed():
    for level, mode in ((0, 5), (2, 7), (3, 7)):
        for name, ci, records, least, kind in KINDS:
            one = prepared(victim(level, kind), name)
            frame = one.seal(records, max(mode, least), ci=ci)
            before = held(one)
            one.slots.left = 0
            raises(PowerCut, one.say, frame)
            unchanged(one, before, level, name)


def test_of_two_keys_one_works_wherever_the_supply_goes():
    for level in (0, 2, 3):
        one = victim(level, "t")
        recorded = one.seal(TARIFF % 2)
        assert one.say(recorded) == 0
        one.counter += 5
        change = one.seal(KEY_CHANGE)
        found = set()

        def action(some, change=change):
            some.say(change, wait=1000)
            some.key, some.highest = Key(SECOND), None
            stored(some)
            some.readout()
            stored(some)

        for left in cuts(one, action):
            version = left.module.keyring.version
            found.add(version)
            for key, is_it in ((FIRST, version == 1), (SECOND, version == 2)):
                left.key = Key(key)
                code = left.command("01 7A 05", counter=50 if is_it else 60)
                assert (code == 0) == is_it, (level, version)
            left.key = Key(SECOND if version == 2 else FIRST)
            left.counter = 50
            before = held(left)
            assert left.say(recorded) == FAILED
            if version == 2:
                assert left.say(change) == FAILED
            unchanged(left, before)
            works(left)
        assert found == {1, 2}, level


def test_no_counter_of_a_readout_comes_twice_wherever_the_supply_goes():
    one = victim(3, "t")
    sent = []

    def read(some, c=0x7B):
        some.line.now += 70_000
        return int.from_bytes(some.ask(c)[5:9], "little")

    def action(some):
        del sent[:]
        for n in range(140):
            sent.append(read(some, (0x7B, 0x5B)[n & 1]))
            if some.module.due(some.line.now):
                some.module.persist(some.line.now)

    for left in cuts(one, action):
        assert read(left) > (max(sent) if sent else 0)
        works(left)


def test_what_was_sent_before_a_cut_is_below_what_is_sent_behind_it():
    one = victim(3, "t")
    for step in range(1, 40, 3):
        highest = 0
        for _ in range(step):
            one.line.now += 70_000
            highest = int.from_bytes(one.ask(0x7B)[5:9], "little")
        one.start()
        one.line.now += 70_000
        assert int.from_bytes(one.ask(0x7B)[5:9], "little") > highest


def test_a_flood_of_failures_keeps_nobody_from_reading_and_ends():
    for level in range(4):
        one = victim(level, "t", pauses=True)
        good = one.seal(TARIFF % 2)
        for _ in range(200):
            bad = one.seal(TARIFF % 3, key=Key(SECOND), counter=9)
            assert one.say(bad, c=0x43, wait=1000) == FAILED
        assert one.readout()
        one.rig.pass_time(61_000)
        assert one.say(good, wait=1000) == 0
        assert one.module.meter.tariff.active == 2
        works(one)


def on_a_wire(one):
    """The meter behind a link, on a wire in virtual time."""
    return Bench(device=one.module)


def session(bench, telegrams):
    """Say telegrams in order; the octets on the wire."""
    said = []
    for telegram in telegrams:
        said.append(telegram)
        bench.say(telegram)
        bench.run(4000)
    return said


def test_a_whole_session_recorded_on_the_wire_is_worth_nothing_later():
    for level in range(4):
        mode = 7 if level == 3 else 5
        one = victim(level, "t")
        bench = on_a_wire(one)
        number = text(one.module.identification)
        telegrams = ["1040FD3D16", long(0x53, 0xFD, 0x52, number)]
        for records, way in ((TARIFF % 2, mode), ("01 FD 1F 00", 7), ("0C 79 09 08 07 06", mode)):
            frame = one.seal(records, way)
            telegrams.append(long(0x53, 0xFD, frame[0], text(frame[1:])))
        telegrams += ["107BFD7816", "105BFD5816"]
        said = session(bench, telegrams)
        assert bench.replies()[:4] == ["E5"] * 4
        assert one.module.meter.tariff.active == 2
        assert one.module.meter.breaker.control == 0
        assert text(one.module.identification[:4]) == "09080706"
        one.line.now = bench.wire.now
        one.module.meter.tariff.active = 1
        before = held(one)[-1]
        session(bench, said)
        # With the new number on it, and in pieces with noise between them.
        session(
            bench, [said[0], long(0x53, 0xFD, 0x52, text(one.module.identification))] + said[2:]
        )
        session(bench, [octets + "FF00" for octets in said])
        assert one.module.meter.tariff.active == 1
        one.line.now = bench.wire.now
        assert held(one)[-1] == before
