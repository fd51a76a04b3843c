# SPDX-License-Identifier: MIT
"""What each command needs at each security level."""

from securedmeter import alarms, bus_tariff, owner, tariff
from securedtelegrams import octets

DENIED = 0x10
FAILED = 0x14

# What is done here to see whether anything is done: the tariff.
TARIFF = "01 FF 13 0%d"
OPEN = "01 FD 1F 00"


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
