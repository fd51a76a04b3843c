# SPDX-License-Identifier: MIT
"""The breaker: what each command does in each state, the relay's time, the contact."""

from helpers import raises
from meter.breaker import CONNECTED, DISCONNECTED, NOT_POSSIBLE, OUT_OF_RANGE, READY, Breaker

RELAY_MS = 200


def breaker(control=CONNECTED, remote=True):
    one = Breaker(remote, RELAY_MS)
    if control != CONNECTED:
        one.command(DISCONNECTED, 0)
        one.tick(RELAY_MS)
        if control == READY:
            one.command(READY, RELAY_MS)
    assert (one.control, one.closed) == (control, 1 if control == CONNECTED else 0)
    return one


# fmt: off
COMMANDS = (
    # state        command       remote  inhibited   code          becomes
    (CONNECTED,    DISCONNECTED, True,   False,      0,            DISCONNECTED),
    (CONNECTED,    CONNECTED,    True,   False,      0,            CONNECTED),
    (CONNECTED,    CONNECTED,    True,   True,       0,            CONNECTED),
    (CONNECTED,    READY,        True,   False,      NOT_POSSIBLE, CONNECTED),
    (CONNECTED,    3,            True,   False,      OUT_OF_RANGE, CONNECTED),
    (CONNECTED,    255,          True,   False,      OUT_OF_RANGE, CONNECTED),
    (DISCONNECTED, DISCONNECTED, True,   True,       0,            DISCONNECTED),
    (DISCONNECTED, CONNECTED,    True,   False,      0,            CONNECTED),
    (DISCONNECTED, CONNECTED,    False,  False,      0,            READY),
    (DISCONNECTED, CONNECTED,    True,   True,       NOT_POSSIBLE, DISCONNECTED),
    (DISCONNECTED, READY,        True,   False,      0,            READY),
    (DISCONNECTED, READY,        True,   True,       NOT_POSSIBLE, DISCONNECTED),
    (READY,        DISCONNECTED, True,   False,      0,            DISCONNECTED),
    (READY,        CONNECTED,    True,   False,      0,            CONNECTED),
    (READY,        CONNECTED,    False,  False,      0,            READY),
    (READY,        READY,        True,   False,      0,            READY),
)
# fmt: on


def test_every_command_in_every_state():
    for state, command, remote, inhibited, code, becomes in COMMANDS:
        one = breaker(state, remote)
        assert one.command(command, 1000, inhibited) == code, (state, command)
        assert one.control == becomes, (state, command, remote)
        assert one.wanted == (1 if becomes == CONNECTED else 0)


def test_the_output_follows_after_the_time_of_the_relay():
    for start in (0, 0x3FFFFFFF - 100):
        one = Breaker(True, RELAY_MS)
        one.command(DISCONNECTED, start)
        one.tick((start + RELAY_MS - 1) & 0x3FFFFFFF)
        assert (one.wanted, one.closed, one.changes) == (0, 1, 0)
        one.tick((start + RELAY_MS) & 0x3FFFFFFF)
        assert (one.wanted, one.closed, one.changes) == (0, 0, 1)
        one.tick((start + 9 * RELAY_MS) & 0x3FFFFFFF)
        assert one.changes == 1


def test_the_button_connects_only_what_was_released():
    for state, inhibited, connects in (
        (CONNECTED, False, False),
        (DISCONNECTED, False, False),
        (READY, True, False),
        (READY, False, True),
    ):
        one = breaker(state)
        assert one.button(5000, inhibited) == connects, state
        one.tick(5000 + RELAY_MS)
        assert one.closed == (1 if connects or state == CONNECTED else 0)


def test_it_trips_by_itself_and_is_then_disconnected():
    for state in (CONNECTED, READY, DISCONNECTED):
        one = breaker(state)
        one.trip(5000)
        assert one.control == DISCONNECTED


def test_the_contact_is_the_truth_and_a_fault_when_it_does_not_follow():
    one = Breaker(True, RELAY_MS)
    one.command(DISCONNECTED, 0)
    one.tick(100, 1)
    assert (one.closed, one.fault) == (1, False)
    one.tick(5 * RELAY_MS - 1, 1)
    assert not one.fault
    one.tick(5 * RELAY_MS, 1)
    assert one.fault and one.closed == 1
    one.tick(5 * RELAY_MS + 1, 0)
    assert (one.closed, one.fault, one.changes) == (0, False, 1)


def test_a_contact_that_moves_by_itself_is_a_change_and_then_a_fault():
    one = Breaker(True, RELAY_MS)
    one.tick(10, 0)
    assert (one.closed, one.changes, one.fault) == (0, 1, False)
    one.tick(10 + 5 * RELAY_MS, 0)
    assert one.fault


def test_a_power_gap_changes_nothing():
    for state in (CONNECTED, DISCONNECTED, READY):
        octets = breaker(state).dump()
        again = Breaker(True, RELAY_MS)
        again.load(octets)
        again.tick(RELAY_MS)
        assert (again.control, again.changes) == (state, 0)
        assert again.closed == (1 if state == CONNECTED else 0)


def test_a_pulse_that_a_power_cut_ended_is_made_again():
    one = Breaker(True, RELAY_MS)
    one.command(DISCONNECTED, 0)
    again = Breaker(True, RELAY_MS)
    again.load(one.dump())
    assert (again.wanted, again.closed) == (0, 1)
    again.tick(RELAY_MS)
    assert again.closed == 0


def test_damaged_octets_are_refused():
    for octets in (b"", b"\x01", b"\x03\x00", b"\x00\x02", b"\x01\x01\x01"):
        raises(ValueError, Breaker(True).load, octets)
