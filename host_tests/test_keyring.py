# SPDX-License-Identifier: MIT
"""The key of a device and its counters over power cuts at every write."""

from helpers import raises
from securedmeter import FIRST, SECOND, THIRD, CutSlots, PowerCut
from slots import Slots

# isort: split
from mbus.security import Key
from node.keyring import ACCEPTED, KEY, LAST, RESERVED, Keyring, KeyringError, provision
from node.store import Store

TAG = bytes(range(8))


def ring(slots):
    return Keyring(Store(slots.load, slots.save))


def provisioned(key=FIRST, level=3):
    slots = CutSlots()
    provision(slots, key, level)
    return slots


def mark(key):
    """What a key makes of zeros."""
    if key is None:
        return None
    block = bytearray(16)
    key.encrypt_block(block)
    return bytes(block)


def of(octets):
    return mark(Key(octets))


def cuts(slots, action):
    """What is left in slots of every cut of the writes that action(slots) does."""
    before = slots.writes
    counted = slots.copy()
    action(counted)
    assert counted.writes > 0 and slots.writes == before
    for torn in (False, True):
        for n in range(counted.writes):
            left = slots.copy()
            left.left, left.torn = n, torn
            raises(PowerCut, action, left)
            left.left = None
            yield left


def test_a_device_without_a_key_has_none():
    one = ring(Slots())
    assert (one.key, one.level, one.version, one.highest) == (None, 0, 0, 0)
    assert not one.secured and not one.broken and not one.due


def test_a_key_that_was_provisioned_is_there_after_a_start():
    for level in range(4):
        one = ring(provisioned(FIRST, level))
        assert mark(one.key) == of(FIRST)
        assert (one.level, one.version, one.highest, one.pauses) == (level, 1, 0, True)


def test_what_the_local_tool_may_not_ask_for():
    slots = provisioned()
    for key, level in ((FIRST, 4), (FIRST, -1), (None, 1), (FIRST[:15], 1), (FIRST + b"\0", 2)):
        words = str(raises(KeyringError, provision, slots, key, level))
        assert "key" in words or "level" in words
    assert ring(slots).version == 1


def test_the_level_is_lowered_by_the_local_tool_and_counters_stay():
    slots = provisioned()
    one = ring(slots)
    one.accept(77, TAG)
    sent = [one.take() for _ in range(5)]
    assert provision(slots, FIRST, 1, False) == 1
    one = ring(slots)
    assert (one.level, one.version, one.highest, one.last) == (1, 1, 77, (77, TAG))
    assert not one.pauses
    assert one.take() > sent[-1]


def test_another_level_needs_no_key_again():
    slots = provisioned()
    ring(slots).accept(77, TAG)
    assert provision(slots, b"", 1, False) == 1
    one = ring(slots)
    assert (one.level, one.pauses, one.highest, mark(one.key)) == (1, False, 77, of(FIRST))
    assert provision(slots, b"", 3) == 1
    assert (ring(slots).level, ring(slots).pauses) == (3, True)
    for none in (Slots(), slots):
        if none is slots:
            provision(slots, None, 0)
        raises(KeyringError, provision, none, b"", 2)


def test_a_key_that_is_taken_away_is_gone_and_never_comes_back():
    slots = provisioned()
    provision(slots, None, 0)
    one = ring(slots)
    assert one.key is None and not one.secured and not one.broken
    raises(KeyringError, provision, slots, FIRST, 3)
    assert provision(slots, SECOND, 3) == 2
    assert mark(ring(slots).key) == of(SECOND)


def test_sixteen_keys_are_remembered():
    slots = provisioned()
    keys = [FIRST] + [bytes((n,)) * 16 for n in range(1, 16)]
    one = ring(slots)
    for n, key in enumerate(keys[1:]):
        assert one.change(key, 5, TAG)
        assert one.version == n + 2
    for key in keys:
        assert not one.change(key, 6, TAG)
    assert not ring(slots).change(FIRST, 6, TAG)
    assert one.change(SECOND, 6, TAG)
    assert one.change(FIRST, 7, TAG)  # the seventeenth from the end


def test_a_new_key_has_new_counters_and_knows_the_command_that_brought_it():
    slots = provisioned()
    one = ring(slots)
    one.accept(LAST - 1, TAG)
    while one.take() < 200:
        pass
    assert one.change(SECOND, LAST, b"frame th")
    for now in (one, ring(slots)):
        assert (now.highest, now.version) == (0, 2)
        assert now.last == (LAST, b"frame th")
    assert ring(slots).take() == 1


def test_counters_of_read_outs_never_go_back():
    slots = provisioned()
    highest = 0
    for steps in (0, 1, 3, 127, 128, 129, 300):
        one = ring(slots)
        for _ in range(steps):
            counter = one.take()
            assert counter > highest
            highest = counter
    assert highest < 2000


def test_a_cut_of_any_reservation_repeats_no_counter():
    slots = provisioned()
    one = ring(slots)
    sent = max([one.take() for _ in range(128)])
    for left in cuts(slots, lambda some: ring(some).take()):
        assert ring(left).take() > sent


def test_counters_are_reserved_while_nobody_waits():
    slots = provisioned()
    one = ring(slots)
    assert one.due
    one.reserve()
    assert not one.due
    written = slots.writes
    while not one.due:
        one.take()
    assert slots.writes == written
    one.reserve()
    for _ in range(100):
        one.take()
    assert slots.writes == written + 1


def test_a_store_that_fails_gives_no_counter():
    slots = provisioned()
    one = ring(slots)
    slots.full = True
    raises(OSError, one.take)
    raises(OSError, one.accept, 5, TAG)
    raises(OSError, one.change, SECOND, 5, TAG)
    assert (one.highest, one.version, mark(one.key)) == (0, 1, of(FIRST))
    slots.full = False
    assert one.take() == 1


def test_counters_that_are_used_up_are_refused():
    slots = provisioned()
    one = ring(slots)
    one._next = one._end = LAST - 1
    assert one.take() == LAST
    assert one.take() == 0
    assert ring(slots).take() == 0
    assert not one.due


def test_the_counter_of_a_command_is_there_after_a_start():
    slots = provisioned()
    for counter in (1, 2, 500, LAST - 1):
        ring(slots).accept(counter, TAG)
        one = ring(slots)
        assert (one.highest, one.last) == (counter, (counter, TAG))


def test_a_cut_of_an_acceptance_leaves_the_one_before():
    slots = provisioned()
    ring(slots).accept(41, TAG)
    for left in cuts(slots, lambda some: ring(some).accept(42, b"followed")):
        assert ring(left).last == (41, TAG)


def test_of_a_change_of_key_one_of_the_two_is_there():
    slots = provisioned()
    one = ring(slots)
    one.accept(41, TAG)
    sent = max([one.take() for _ in range(10)])
    for left in cuts(slots, lambda some: ring(some).change(SECOND, 42, b"followed")):
        one = ring(left)
        assert mark(one.key) == of(FIRST)
        assert (one.highest, one.last) == (41, (41, TAG))
        assert one.take() > sent
    assert ring(slots).change(SECOND, 42, b"followed")
    for left in cuts(slots, lambda some: ring(some).accept(1, TAG)):
        one = ring(left)
        assert (mark(one.key), one.highest, one.last) == (of(SECOND), 0, (42, b"followed"))
    for left in cuts(slots, lambda some: ring(some).take()):
        assert ring(left).take() == 1


def test_a_first_key_that_was_cut_leaves_a_clear_device_that_can_be_given_one():
    for left in cuts(CutSlots(), lambda some: provision(some, FIRST, 3)):
        one = ring(left)
        assert one.key is None and not one.secured and not one.broken
        assert provision(left, FIRST, 2) == 1
        assert mark(ring(left).key) == of(FIRST)


def test_a_key_that_cannot_be_read_any_more_does_not_make_the_device_clear():
    for spoiled in (None, b"\0" * 40):
        slots = provisioned(level=1)
        for slot in (2 * KEY, 2 * KEY + 1):
            slots.octets[slot] = spoiled
        one = ring(slots)
        assert one.broken and one.secured and one.key is None and one.level == 3
        assert provision(slots, SECOND, 2) == 1
        assert not ring(slots).broken


def test_a_key_that_has_decayed_does_not_leave_the_device_to_the_one_before():
    for use in (lambda one: one.accept(7, TAG), lambda one: one.take()):
        slots = provisioned()
        one = ring(slots)
        one.accept(500, TAG)
        assert one.change(SECOND, 501, b"followed")
        use(one)
        # Of the two slots of the key the one written last.
        for slot in (2 * KEY, 2 * KEY + 1):
            left = slots.copy()
            left.octets[slot] = b"?"
            one = ring(left)
            if mark(one.key) == of(SECOND):
                continue  # the other one
            assert one.broken and one.key is None and one.level == 3
            assert provision(left, THIRD, 2) == 3
            one = ring(left)
            assert (mark(one.key), one.highest, one.take()) == (of(THIRD), 0, 1)
            break
        else:
            raise AssertionError("neither slot counts")


def test_counters_that_cannot_be_read_any_more_count_as_used_up():
    for spoiled in (None, b"\0" * 40):
        slots = provisioned()
        for record in (ACCEPTED, RESERVED):
            slots.octets[2 * record] = slots.octets[2 * record + 1] = spoiled
        # One record is always left, or the device would be one that has never had a key.
        one = ring(slots)
        assert (one.highest, one.take()) == (LAST, 0)
        assert provision(slots, THIRD, 3) == 2
        one = ring(slots)
        assert (one.highest, one.take()) == (0, 1)


def test_the_key_is_in_no_text():
    one = ring(provisioned())
    for thing in (one, one.key, one.__dict__ if hasattr(one, "__dict__") else ""):
        assert repr(FIRST)[2:-1] not in repr(thing)
