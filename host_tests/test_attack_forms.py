# SPDX-License-Identifier: MIT
"""Commands in forms that the standard may know and this meter does not take, and to others."""

from attacker import (
    FAILED,
    KEY_CHANGE,
    KINDS,
    afl_of,
    body_of,
    held,
    prepared,
    unchanged,
    victim,
    ways,
    without_afl,
    works,
)
from securedmeter import FIRST, SECOND, alarms
from securedtelegrams import octets

# isort: split
from mbus.cmac import AUTHENTICATION, TO_METER, cmac, derive
from mbus.secured import COMMAND, Envelope
from mbus.security import Key
from stations import select, text

DENIED = 0x10
TARIFF = "01 FF 13 0%d"


def fails(one, frame, *where):
    """The frame is a security failure, and nothing follows from it but the alarm."""
    before = held(one)
    one.module.meter.alarms = 0
    assert one.say(frame, wait=3000) == FAILED, where
    assert alarms(one), where
    unchanged(one, before, *where)


def test_no_count_of_blocks_but_the_whole():
    for level in range(4):
        for mode in ways(level):
            one = victim(level, "t")
            for records in (TARIFF % 2, "8C 40 FD 67 55 66 77 88"):
                frame = one.seal(records, mode)
                at = afl_of(frame) + 11
                for count in range(16):
                    if count << 4 != frame[at]:
                        bad = bytearray(frame)
                        bad[at] = count << 4
                        fails(one, bytes(bad), level, mode, count)
            # None at all, and clear records behind the header.
            none = frame[:at] + bytes((0, frame[at + 1])) + frame[at + 2 : body_of(frame)]
            fails(one, none, level, mode)
            fails(one, none + octets(TARIFF % 2), level, mode)
            works(one, mode)


def test_no_clear_tail():
    for level in range(4):
        for mode in ways(level):
            for name, _, records, least, kind in KINDS:
                if mode >= least:
                    one = prepared(victim(level, kind), name)
                    fails(one, one.seal("01 7A 05", mode) + octets(records), level, mode, name)
                    works(one, mode)


def test_mode_7_has_an_afl_and_mode_5_has_none():
    for level in range(4):
        one = victim(level, "t")
        frame = one.seal(TARIFF % 2)
        afl, rest = frame[:17], without_afl(frame)
        fails(one, rest)
        for other in (
            one.seal(TARIFF % 2, 5) if level < 3 else b"\x5b" + bytes(12),
            octets("51" + TARIFF % 2),
            octets("50"),
            octets("52 FF FF FF FF FF FF FF FF"),
            octets("B8"),
            octets("5B 78 56 34 12 0D 17 01 02 11 00 00 00" + TARIFF % 2),
            octets("6D 78 56 34 12 0D 17 01 02 11 00 00 00" + "01 09 02 0A" + "00" * 6),
            b"\x72" + rest[1:],
            afl + rest,
            b"",
        ):
            fails(one, afl + other, level, other)
        for n in range(1, 17):
            fails(one, frame[:n], n)
            fails(one, frame[:n] + rest, n)
        works(one)


def forged(one, fcl=0x2C00, mcl=0x25, size=8, word=b"\x10\x07\x10", more=b""):
    """A command in mode 7 whose MAC is good, in another form."""
    counter = one.counter = one.counter + 1
    number = bytes(one.module.identification)
    sealed = one.seal(TARIFF % 2, counter=counter)
    tpl = b"\x5b" + number + b"\x11\x00" + word + more + sealed[body_of(sealed) :]
    covered = bytes((mcl,)) + counter.to_bytes(4, "little") + tpl
    work = memoryview(bytearray(covered + bytes(32)))
    key = derive(
        one.key, memoryview(bytearray(32)), AUTHENTICATION | TO_METER, counter, number[:4]
    )
    at = cmac(key, work, len(covered))
    afl = bytes((0x90, 7 + size)) + bytes((fcl & 0xFF, fcl >> 8, mcl)) + covered[1:5]
    return afl + bytes(work[at : at + size]) + tpl


def test_a_mac_that_is_good_needs_the_one_form():
    for level in range(4):
        one = victim(level, "t")
        assert one.say(forged(one)) == 0
        assert one.module.meter.tariff.active == 2
        one.module.meter.tariff.active = 1
        for more in (
            {"mcl": 0x23, "size": 2},  # shorter
            {"mcl": 0x24, "size": 4},
            {"mcl": 0x25, "size": 4},
            {"mcl": 0x25, "size": 0},
            {"mcl": 0x26, "size": 12},
            {"mcl": 0x27, "size": 16},
            {"mcl": 0x28},
            {"mcl": 0x05},
            {"mcl": 0x65},
            {"fcl": 0x6C00},  # a fragment
            {"fcl": 0x2C01},
            {"fcl": 0x2400},  # without a counter
            {"fcl": 0x2800},  # without a MAC
            {"fcl": 0x0C00},
            {"fcl": 0xAC00},
            {"word": b"\x10\x07\x00"},  # the persistent key
            {"word": b"\x10\x07\x20"},
            {"word": b"\x10\x07\x11"},  # another key
            {"word": b"\x10\x07\x90"},
            {"word": b"\x18\x07\x10"},
            {"word": b"\x11\x07\x10"},
            {"word": b"\x10\x47\x10"},
            {"word": b"\x10\x87\x10"},
            {"word": b"\x10\x27\x10", "more": bytes((1, 0, 0, 0))},
            {"word": b"\x10\x07\x50", "more": b"\x00"},
        ):
            fails(one, forged(one, **more), level, more)
        works(one)


def test_no_bit_but_its_own_in_the_configuration_of_mode_5():
    for level in range(3):
        one = victim(level, "t")
        for word in (b"\x11\x05", b"\x12\x05", b"\x14\x05", b"\x18\x05", b"\x10\x25", b"\x10\x45"):
            frame = bytearray(one.seal(TARIFF % 2, 5))
            frame[11:13] = word
            fails(one, bytes(frame), level, word)
        works(one, 5)


def test_no_mode_but_5_and_7_and_not_5_where_7_is_required():
    for level in range(4):
        one = victim(level, "t")
        for mode in range(1, 32):
            frame = bytearray(one.seal(TARIFF % 2, 5))
            frame[12] = mode
            if mode != 5 or level == 3:
                fails(one, bytes(frame), level, mode)
        for name, ci, records, least, kind in KINDS:
            other = prepared(victim(level, kind), name)
            if least == 7 and ci == 0x5B:
                fails(other, other.seal(records, 5), level, name)
                fails(other, other.seal("01 7A 05" + records, 5), level, name)
                fails(other, other.seal("2F 2F" + records, 5), level, name)
            elif ci != 0x5B:
                frame = other.seal("04 FF 46 2C 01 00 00", 5)
                fails(other, bytes((ci,)) + frame[1:], level, name)
            if least == 7 or level:
                before = held(other)
                header = other.module.identification + b"\x11\0\0\0"
                for clear in (b"\x51", b"\x5a\x11\0\0\0", b"\x5b" + header):
                    if ci == 0x5B and name != "address":
                        code = other.say(clear + octets(records), wait=3000)
                        assert code == DENIED, (level, name)
                if ci != 0x5B and level:
                    code = other.say(bytes((ci,)) + header + octets(records), wait=3000)
                    assert code == DENIED, (level, name)
                unchanged(other, before, level, name)
        works(one, 5)


def test_a_mode_5_command_without_a_counter_is_none():
    for level in range(3):
        one = victim(level, "t")
        for front in ("", "2F", "44 FD 08 %s", "04 FD 09 %s", "02 FD 08 05 00", "0C FD 08 %s"):
            if "%s" in front:
                front = front % "05 00 00 00"
            for key in (FIRST, SECOND):
                envelope, buf = Envelope(), memoryview(bytearray(100))
                at = envelope.begin(buf, 0, 0x5B, 5, one.module.identification, 1, 0, 1) - 7
                records = octets(front + TARIFF % 2)
                buf[at : at + len(records)] = records
                fails(one, bytes(buf[: envelope.seal(Key(key), at + len(records))]), front)
        assert COMMAND[0x5B] == 12
        works(one, 5)


def addresses(one):
    """Of others, and of all: what a header may not bear."""
    own = bytes(one.module.identification)
    for i in range(8):
        yield own[:i] + bytes((own[i] ^ 1,)) + own[i + 1 :]
        yield own[:i] + b"\xff" + own[i + 1 :]
    yield b"\xff" * 8
    yield b"\xff" * 4 + own[4:]
    yield own[:4] + b"\xff" * 4
    yield bytes(8)


def test_a_header_bears_the_address_of_this_meter():
    for level in range(4):
        one = victim(level, "t")
        for mode in ways(level):
            for address in addresses(one):
                fails(one, one.seal(TARIFF % 2, mode, address=address), level, mode)
                # The address alone, in a command of this meter, and the other way round.
                at = afl_of(frame := one.seal(TARIFF % 2, mode)) + 1
                fails(one, frame[:at] + address + frame[at + 8 :], level, mode)
                # In mode 5 the fourth octet of the number and the last two are in the IV where the
                # counter is: no two meters may have one key, and see renumber() in the keyring.
                own = bytes(one.module.identification)
                if mode == 7 or [i for i in (0, 1, 2, 4, 5) if address[i] != own[i]]:
                    other = one.seal(TARIFF % 2, mode, address=address)
                    fails(one, other[:at] + own + other[at + 8 :], level, mode)
            works(one, mode)


def test_a_command_to_another_meter_with_the_same_key_is_not_obeyed():
    for level in range(4):
        one, other = victim(level, "t"), victim(level, "t", identification="12345679")
        for mode in ways(level):
            frame = other.seal(TARIFF % 2, mode, counter=50)
            fails(one, frame, level, mode)
            short = other.seal(TARIFF % 2, mode, counter=51, ci=0x5A)
            fails(one, short, level, mode)
            works(one, mode)


def test_nothing_is_obeyed_by_broadcast():
    for level in range(4):
        for name, ci, records, least, kind in KINDS:
            one = prepared(victim(level, kind, broadcast_breaker="yes"), name)
            before = held(one)
            one.module.meter.alarms = 0
            for mode in ways(level):
                if mode >= least:
                    frame = one.seal(records, mode, ci=ci)
                    assert one.say(frame, 0xFF, wait=3000) == 0
                    for select_first in (False, True):
                        if select_first:
                            select(one.line)
                        assert one.say(frame, 0xFF, c=0x73, wait=3000) == 0
                    unchanged(one, before, level, name)
            if level:
                header = text(one.module.identification) + "11000000"
                one.clear(
                    records if ci == 0x5B else header + records, 0x51 if ci == 0x5B else ci, 0xFF
                )
                one.clear("", 0x5C, 0xFF)
                unchanged(one, before, level, name)
            assert not alarms(one)
            works(one)


def test_at_whatever_address_it_comes_it_is_judged_alike():
    for level in range(4):
        one = victim(level, "t")
        select(one.line)
        for mode in ways(level):
            for a in (5, 0xFD, 0xFE):
                bad = one.seal(TARIFF % 2, mode, key=Key(SECOND))
                before = held(one)
                assert one.say(bad, a, wait=3000) == FAILED
                unchanged(one, before)
                good = one.seal(TARIFF % 2, mode)
                one.module.meter.tariff.active = 1
                assert one.say(good, a, wait=3000) == 0
                assert one.module.meter.tariff.active == 2
                one.module.meter.tariff.active = 1
                for again in (5, 0xFD, 0xFE):
                    assert one.say(good, again, wait=3000) == 0
                assert one.module.meter.tariff.active == 1


def test_a_key_that_comes_in_clear_or_in_mode_5_is_none():
    for level in range(4):
        one = victim(level, "t")
        before = held(one)
        assert one.clear(KEY_CHANGE) == DENIED
        assert one.clear("01 7A 05" + KEY_CHANGE) == DENIED
        assert one.clear("08 04" + KEY_CHANGE) == DENIED
        unchanged(one, before)
        fails(one, one.seal(KEY_CHANGE, 5))
        works(one)
