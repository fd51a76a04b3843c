# SPDX-License-Identifier: MIT
"""What a meter with a key obeys, once, and in which order."""

from securedmeter import alarms, bus_tariff, tariff
from securedtelegrams import COMMAND_5, COMMAND_7, octets

# isort: split
from stations import select

DENIED = 0x10
FAILED = 0x14

# What is done here to see whether anything is done: the tariff.
TARIFF = "01 FF 13 0%d"


def test_the_frames_of_the_reference_are_obeyed():
    one = bus_tariff(2)
    one.module.keyring.accept(1000, bytes(8))
    assert select(one.line) == "E5"
    assert one.say(COMMAND_5, 0xFD, 0x73) == 0
    assert one.module.keyring.highest == 1001
    one = bus_tariff(3)
    one.module.meter.alarms = 0
    assert select(one.line) == "E5"
    assert one.say(COMMAND_7, 0xFD, 0x73) == 0
    assert one.module.meter.breaker.control == 0
    assert (one.module.keyring.highest, one.module.keyring.last[0]) == (16, 16)


def test_what_is_obeyed_is_done_once_whatever_is_repeated():
    for level, mode in ((0, 5), (0, 7), (1, 5), (1, 7), (2, 5), (2, 7), (3, 7)):
        one = bus_tariff(level)
        frame = one.seal(TARIFF % 2, mode)
        assert one.say(frame) == 0
        assert tariff(one) == 2
        one.module.meter.tariff.active = 1
        for step in range(6):
            if step == 2:
                one.line.short(0x40, 5)
            if step == 3:
                select(one.line)
            if step == 4:
                one.rig.persist()
                one.start()
                one.module.meter.tariff.active = 1
            one.module.meter.alarms = 0
            assert one.say(frame, c=(0x53, 0x73, 0x43)[step % 3]) == 0
            assert tariff(one) == 1 and not alarms(one), (level, mode, step)
        # Another one, and the first is no longer the last.
        assert one.command("01 7A 05", mode) == 0
        assert one.say(frame) == FAILED
        assert tariff(one) == 1 and alarms(one)
        assert one.command(TARIFF % 3, mode) == 0
        assert tariff(one) == 3


def test_the_last_counter_is_kept_for_a_change_of_key():
    one = bus_tariff(3)
    one.module.keyring.accept(0xFFFFFFFD, bytes(8))
    assert one.command(TARIFF % 2, counter=0xFFFFFFFE) == 0
    assert one.command(TARIFF % 3, counter=0xFFFFFFFF) == FAILED
    assert tariff(one) == 2
    assert one.command("0D FD 19 F0" + "A5" * 16, counter=0xFFFFFFFF) == 0
    assert one.module.keyring.version == 2


def test_a_counter_that_cannot_be_stored_obeys_nothing():
    one = bus_tariff(3)
    frame = one.seal(TARIFF % 2)
    one.slots.full = True
    assert one.say(frame) == 0x08
    assert tariff(one) == 1 and not alarms(one)
    one.slots.full = False
    assert one.say(frame) == 0
    assert tariff(one) == 2


def test_what_is_refused_for_what_it_wants_has_used_its_counter():
    one = bus_tariff(3)
    frame = one.seal("01 FF 13 09")
    assert one.say(frame) == 0x12
    assert one.module.keyring.highest == 1
    assert one.say(frame) == 0  # a repetition


def test_a_locked_meter_obeys_no_owner_either():
    one = bus_tariff(3, lock="yes")
    assert one.command(TARIFF % 2) == DENIED
    assert one.command("0D FD 19 F0" + "01 " * 16) == DENIED
    assert tariff(one) == 1 and one.module.keyring.version == 1


def test_the_next_readout_begins_anew_behind_a_secured_command():
    one = bus_tariff(3)
    assert one.opened(one.ask(0x7B))[0][:2] == octets("06 04")
    frame = one.seal(TARIFF % 2)
    assert one.say(frame) == 0
    assert one.opened(one.ask(0x5B))[0][:2] == octets("06 04")
    assert one.say(frame, c=0x43, wait=5000) == 0  # its repetition does not restart it
    assert one.opened(one.ask(0x7B))[0][:2] != octets("06 04")
