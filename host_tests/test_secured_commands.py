# SPDX-License-Identifier: MIT
"""What a meter with a key obeys, and what it answers to everything else."""

from securedmeter import SECOND, Owner
from securedtelegrams import COMMAND_5, COMMAND_7, octets

# isort: split
from mbus.security import Key
from stations import select

KIND = {"breaker": "yes", "prepayment": "yes", "ct": "yes", "tariff_source": "bus"}
DENIED = 0x10
FAILED = 0x14

# What is done here to see whether anything is done: the tariff.
TARIFF = "01 FF 13 0%d"
OPEN = "01 FD 1F 00"


def owner(level, **given):
    for name, value in KIND.items():
        given.setdefault(name, value)
    if given["prepayment"] == "yes":
        del given["tariff_source"]  # the two do not go together
    return Owner(level, **given)


def bus_tariff(level, **given):
    return owner(level, prepayment="no", **given)


def tariff(one):
    return one.module.meter.tariff.active


def alarms(one):
    return one.module.meter.alarms & 0x40


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


# Records, what they need: "" nothing, "s" encryption from level 1 on, "7" mode 7 always.
POLICY = (
    ("01 7A 05", ""),
    ("08 04", ""),
    ("7F", ""),
    ("00 8C 0C 08 2B", ""),
    ("2F 01 7A 05 2F", ""),
    ("01 7A 05 08 04", ""),
    ("01 FF 13 02", "s"),
    ("01 7A 05 01 FF 13 02", "s"),
    ("08 04 01 FF 13 02", "s"),
    ("0C 79 78 56 34 12", "s"),
    ("07 79 78 56 34 12 0D 17 01 02", "s"),
    ("04 6D 2D 27 36 3B", "s"),
    ("40 FE 0B", "s"),
    ("00 FF C0 0B", "s"),
    ("04 FF 46 00 00 00 00", "s"),
    ("0C FD 67 78 56 34 12", "s"),
    ("01 FF 14 01", "s"),
    ("0F 01 02", "s"),
    ("01 FD 1F 00", "7"),
    ("01 FF 13 02 01 FD 1F 00", "7"),
    ("01 7A 05 01 FD 1F 00", "7"),
    ("04 FF 04 88 13 00 00", "7"),
    ("04 FF 84 01 88 13 00 00", "7"),
    ("00 FF 84 07", "7"),
    ("01 FF 41 01", "7"),
    ("01 FF 14 00", "7"),
    ("0D FD 19 F0 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10", "7"),
)


def expected(level, how, need):
    """The security error for a command that comes clear (0), in mode 5 or in mode 7."""
    if how == 7:
        return 0
    if how == 5:
        return FAILED if need == "7" or level == 3 else 0
    return DENIED if need == "7" or (need and level) else 0


def test_the_policy_holds_at_every_level():
    for level in range(4):
        one = owner(level)
        for records, need in POLICY:
            for how in (0, 5, 7):
                number = one.module.identification
                number[:4] = octets("78 56 34 12")
                one.module.meter.alarms = 0
                code = one.clear(records) if not how else one.command(records, how)
                if not how and code == DENIED:
                    assert not alarms(one)
                refused = code in (DENIED, FAILED)
                wanted = expected(level, how, need)
                if wanted:
                    assert code == wanted, (level, how, records, code)
                else:
                    assert not refused or records == "07 79", (level, how, records, code)
                assert bool(alarms(one)) == (wanted == FAILED)


def test_clear_clock_commands_follow_the_level():
    for level in range(4):
        one = owner(level)
        header = "78 56 34 12 0D 17 01 02 11 00 00 00"
        for ci, data in (
            (0x5C, ""),
            (0x6C, header + " 00" + "00 " * 9),
            (0x6D, header + " 01" + "00" * 9),
        ):
            code = one.clear(data, ci)
            assert (code == DENIED) == (level > 0), (level, ci, code)


def test_secured_clock_commands_need_mode_7():
    for level in range(4):
        one = owner(level)
        for ci in (0x6C, 0x6D):
            code = one.command("01" + "00 " * 9, ci=ci)
            assert code == (0 if ci == 0x6D else 0x12)
        frame = one.seal("01 FF 13 02", 5)
        assert one.say(b"\x6d" + frame[1:]) == FAILED


def test_what_stays_clear_at_every_level():
    for level in range(4):
        one = owner(level)
        assert one.line.short(0x40, 5) == "E5"
        assert one.line.short(0x7A, 5) == "E5"
        assert one.clear("", 0x50) == 0
        assert one.clear("00", 0x50) == 0
        assert one.clear("", 0xBB) == 0
        assert one.clear("01 7A 06") == 0
        assert one.line.send(0x53, 6, 0x51, "08 04") == "E5"


def test_a_clear_command_with_a_header_of_another_meter_is_denied_first():
    one = owner(1)
    header = "99 99 99 99 0D 17 01 02 11 00 00 00"
    assert one.clear(header + TARIFF % 2, 0x5B) == DENIED
    assert one.clear(header + "08 04", 0x5B) == 0x13
    assert not alarms(one)


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
    for mode, bad in ((5, (0, 99, 100, 100 + (1 << 24))), (7, (1, 99, 100, 101 + (1 << 31)))):
        for counter in bad:
            if counter:
                assert one.command(TARIFF % 2, mode, counter=counter) == FAILED, (mode, counter)
        assert tariff(one) == 1 and one.module.keyring.highest == 100
    # One counter for both modes.
    assert one.command(TARIFF % 2, 7, counter=101) == 0
    assert one.command(TARIFF % 3, 5, counter=101) == FAILED
    assert one.command(TARIFF % 3, 5, counter=101 + (1 << 24) - 1) == 0
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


def test_the_ratio_is_unlocked_in_mode_7_alone():
    one = owner(2)
    meter = one.module.meter
    meter.ratio_locked = 1
    assert one.clear("01 FF 14 00") == DENIED
    assert one.command("01 FF 14 00", 5) == FAILED
    assert meter.ratio_locked
    assert one.command("01 FF 14 00") == 0
    assert not meter.ratio_locked
    assert one.command("02 FF 68 64 00", 5) == 0
    assert one.command("01 FF 14 01", 5) == 0
    assert meter.ratio_locked
    plain = owner(0, key=None)
    plain.module.meter.ratio_locked = 1
    assert plain.clear("01 FF 14 00") == DENIED


def test_broadcast_obeys_only_clear_clock_commands_of_level_0():
    for level in range(4):
        one = bus_tariff(level, broadcast_breaker="yes")
        for mode in (5, 7):
            for records in ("04 6D 2D 27 36 3B", OPEN, TARIFF % 2):
                assert one.say(one.seal(records, mode), 0xFF) == 0
        ring = one.module.keyring
        assert ring.highest == 0 and tariff(one) == 1 and not alarms(one)
        closed = one.module.meter.breaker.control
        assert one.clear(OPEN, a=0xFF) == 0
        assert one.module.meter.breaker.control == closed
        before = one.module.meter.events.total
        assert one.clear("04 6D 2D 27 36 3B", a=0xFF) == 0
        changed = one.module.meter.events.total != before
        assert changed == (level == 0)


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
        if level < 3:
            assert one.command(TARIFF % 2, 5, key=Key(SECOND)) == FAILED
            assert one.module.guard.cause == 0x8C


def test_the_next_readout_begins_anew_behind_a_secured_command():
    one = bus_tariff(3)
    assert one.opened(one.ask(0x7B))[0][:2] == octets("06 04")
    frame = one.seal(TARIFF % 2)
    assert one.say(frame) == 0
    assert one.opened(one.ask(0x5B))[0][:2] == octets("06 04")
    assert one.say(frame, c=0x43, wait=5000) == 0  # its repetition does not restart it
    assert one.opened(one.ask(0x7B))[0][:2] != octets("06 04")
