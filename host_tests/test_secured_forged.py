# SPDX-License-Identifier: MIT
"""Commands that are not what the owner of the key has sent, and what comes of many of them."""

from securedmeter import SECOND, alarms, bus_tariff, tariff
from securedtelegrams import octets

# isort: split
from mbus.security import Key

DENIED = 0x10
FAILED = 0x14

# What is done here to see whether anything is done: the tariff.
TARIFF = "01 FF 13 0%d"


def test_a_flipped_bit_is_noticed_in_mode_7():
    one = bus_tariff(3, pauses=False)
    frame = one.seal(TARIFF % 2)
    for i in range(len(frame)):
        for bit in (0x01, 0x80):
            bad = bytearray(frame)
            bad[i] ^= bit
            one.module.meter.alarms = 0
            if one.say(bytes(bad)) == 0:
                # Nothing that is a command is left, or the header has changed: none of these.
                raise AssertionError(i)
            assert tariff(one) == 1, i
    assert one.say(frame) == 0
    assert tariff(one) == 2


def test_nothing_follows_from_a_bit_flipped_in_mode_5_but_in_its_status():
    one = bus_tariff(2, pauses=False)
    one.counter = 0x10000
    one.module.keyring.accept(0x10000, bytes(8))
    frame = one.seal(TARIFF % 2, 5)
    for i in range(13):
        for bit in range(8):
            bad = bytearray(frame)
            bad[i] ^= 1 << bit
            if i == 10:
                continue  # the status says nothing, and nobody can tell
            code = one.say(bytes(bad))
            assert code and tariff(one) == 1, (i, bit)
    assert one.say(frame) == 0


def test_truncated_and_lengthened_commands_are_refused():
    for level, mode in ((2, 5), (3, 7)):
        one = bus_tariff(level, pauses=False)
        frame = one.seal(TARIFF % 2, mode)
        for n in range(1, len(frame)):
            one.say(frame[:n])
            assert tariff(one) == 1
        for tail in (b"\x2f", octets(TARIFF % 3), b"\x2f" * 16):
            assert one.say(frame + tail) == FAILED
        assert one.say(frame) == 0
        assert tariff(one) == 2


def test_no_key_address_or_form_but_its_own():
    one = bus_tariff(1, pauses=False)
    other = octets("79 56 34 12 0D 17 01 02")
    for frame in (
        one.seal(TARIFF % 2, key=Key(SECOND)),
        one.seal(TARIFF % 2, 5, key=Key(SECOND)),
        one.seal(TARIFF % 2, address=other),
        one.seal(TARIFF % 2, 5, address=other),
        one.seal(TARIFF % 2)[17:],  # without AFL
        b"\x90\x0f" + one.seal(TARIFF % 2)[2:17] + one.seal(TARIFF % 2, 5),
        b"\x90\x0f" + one.seal(TARIFF % 2)[2:17] + octets("51" + TARIFF % 2),
    ):
        one.module.meter.alarms = 0
        assert one.say(frame) == FAILED
        assert alarms(one) and tariff(one) == 1
    zero = bytearray(one.seal(TARIFF % 2, 5))
    zero[11] = 0
    assert one.say(bytes(zero)) == FAILED
    # The short header stands for the same meter.
    assert one.command(TARIFF % 2, ci=0x5A) == 0
    assert tariff(one) == 2


def test_counters_go_up_only_and_no_further_than_the_window():
    one = bus_tariff(2, pauses=False)
    one.module.keyring.accept(100, bytes(8))
    for mode, bad in (
        (5, (0, 99, 100, 101 + (1 << 23), 99 + (1 << 24))),
        (7, (1, 99, 100, 101 + (1 << 31))),
    ):
        for counter in bad:
            if counter:
                assert one.command(TARIFF % 2, mode, counter=counter) == FAILED, (mode, counter)
        assert tariff(one) == 1 and one.module.keyring.highest == 100
    # One counter for both modes.
    assert one.command(TARIFF % 2, 7, counter=101) == 0
    assert one.command(TARIFF % 3, 5, counter=101) == FAILED
    assert one.command(TARIFF % 3, 5, counter=101 + (1 << 23)) == 0
    assert one.command(TARIFF % 2, 7, counter=100 + (1 << 31)) == 0


def test_a_mode_5_command_begins_with_its_counter():
    from mbus.secured import COMMAND, Envelope

    one = bus_tariff(1)
    buf = memoryview(bytearray(100))
    envelope = Envelope()
    at = envelope.begin(buf, 0, 0x5B, 5, one.module.identification, 1, 0, 1)
    for i in range(7):
        buf[at - 1 - i] = 0x2F
    records = octets(TARIFF % 2)
    buf[at : at + len(records)] = records
    assert COMMAND[0x5B] == 12
    assert one.say(bytes(buf[: envelope.seal(one.key, at + len(records))])) == FAILED
    assert tariff(one) == 1


def test_ten_failures_in_a_minute_pause_commands_for_one():
    one = bus_tariff(1)
    last = one.seal(TARIFF % 2)
    assert one.say(last) == 0
    bad = one.seal(TARIFF % 3, key=Key(SECOND))
    good = one.seal(TARIFF % 4)
    for _ in range(12):
        assert one.clear(TARIFF % 3) == DENIED  # these do not count
    for _ in range(9):
        assert one.say(bad, c=0x43, wait=100) == FAILED
    assert not one.module.guard._pausing(one.line.now)
    assert one.say(bad, c=0x43, wait=100) == FAILED
    for _ in range(5):
        one.module.meter.alarms = 0
        assert one.say(good, c=0x43, wait=5000) == FAILED
        assert one.say(bad, c=0x43, wait=5000) == FAILED  # and prolongs nothing
        assert not alarms(one)
    assert tariff(one) == 2 and one.module.keyring.highest == 1
    assert one.say(last, wait=100) == 0  # as ever
    assert len(one.readout()) > 1
    assert one.clear("08 04") == 0
    assert one.say(good, wait=10_000) == 0
    assert tariff(one) == 4


def test_a_pause_is_prolonged_by_nothing():
    # CI 53 in clear is free, and is no command; in mode 5 it is a failure like all others.
    application = b"\x53" + octets("78 56 34 12 0D 17 01 02 11 00 10 05") + bytes(16)
    for bad in (application, application[:11], b"\x90", b"\x72" + application[1:]):
        one = bus_tariff(1)
        for _ in range(10):
            assert one.command(TARIFF % 3, key=Key(SECOND), wait=100) == FAILED
        good = one.seal(TARIFF % 2)
        failures = sum(one.module.guard.failures)
        for _ in range(20):
            assert one.say(bad, c=0x43, wait=2900) == (0x12 if len(bad) == 11 else FAILED)
        assert sum(one.module.guard.failures) == failures
        assert one.say(good, wait=2000) == 0
        assert tariff(one) == 2


def test_failures_take_no_room_where_they_do_not_pause():
    one = bus_tariff(1, pauses=False)
    bad = one.seal(TARIFF % 3, key=Key(SECOND))
    for _ in range(40):
        assert one.say(bad, c=0x43, wait=100) == FAILED
        assert len(one.module.guard._times) < 10


def test_a_counter_of_the_past_is_made_none_of_the_future():
    # In mode 5 a bit of the access number flips one of the counter's top octet, and others.
    for records in (TARIFF % 2, "04 6D 2D 27 36 3B", "2F " * 7 + TARIFF % 2):
        one = bus_tariff(2, pauses=False)
        recorded = one.seal(records, 5)
        assert one.say(recorded) == 0
        assert one.command(TARIFF % 3, 5) == 0
        for flipped in range(1, 256):
            bad = bytearray(recorded)
            bad[9] ^= flipped
            assert one.say(bytes(bad), wait=3000) == FAILED, flipped
        assert one.module.keyring.highest == 2 and tariff(one) == 3
        assert one.command(TARIFF % 4, 5) == 0


def test_ten_failures_in_more_than_a_minute_do_not_pause():
    one = bus_tariff(1)
    for _ in range(30):
        assert one.command(TARIFF % 3, key=Key(SECOND), wait=6700) == FAILED
    assert one.command(TARIFF % 2, wait=100) == 0


def test_the_pause_can_be_switched_off_where_keys_are_set():
    one = bus_tariff(1, pauses=False)
    for _ in range(30):
        assert one.command(TARIFF % 3, key=Key(SECOND), wait=100) == FAILED
    assert one.command(TARIFF % 2, wait=100) == 0


def test_a_pause_is_over_when_the_ticks_have_wrapped():
    one = bus_tariff(1)
    for _ in range(10):
        one.command(TARIFF % 3, key=Key(SECOND), wait=100)
    one.rig.pass_time(61_000)
    one.line.now = (one.line.now + (1 << 30) - 60_000) & 0x3FFFFFFF
    assert one.command(TARIFF % 2, wait=100) == 0


def test_the_cause_is_read_by_the_owner_of_the_key_alone():
    for level in range(4):
        one = bus_tariff(level, pauses=False)
        good = one.seal(TARIFF % 2)
        assert one.say(good) == 0
        causes = (
            (one.seal(TARIFF % 2, address=octets("79 56 34 12 0D 17 01 02")), 0x88),
            (one.seal(TARIFF % 2)[17:], 0x89),
            (one.seal(TARIFF % 2, key=Key(SECOND)), 0x8A),
            (one.seal(TARIFF % 3, counter=1), 0x8B),
        )
        for frame, cause in causes:
            assert one.say(frame) == FAILED
            assert one.module.error == FAILED
            one.line.send(0x53, 5, 0x51, "08 FF 2F")
            records = one.readout()[0]
            assert records == octets("01 FF 2F %02X" % (cause if level > 1 else FAILED))
        one.line.send(0x53, 5, 0x51, "08 FF 32")
        counts = "0D FF 32 EA" + " 01 00" * 4 + " 00 00"
        assert one.readout()[0] == octets(counts if level > 1 else "00 FF B2 15")
        if level < 3:
            assert one.command(TARIFF % 2, 5, key=Key(SECOND)) == FAILED
            assert one.module.guard.cause == 0x8C
