# SPDX-License-Identifier: MIT
"""Readouts made ahead: the same octets, the values of one moment, none of before a command."""

from meters import Meter


def sequence(meter, telegrams=3):
    """The records of a whole readout."""
    bodies = []
    for n in range(telegrams):
        reply = meter.line.short(0x5B if n & 1 else 0x7B, 5)
        bodies.append(reply[38:-4])
        if not reply.endswith("1F", 0, -4):
            break
    meter.line.short(0x40, 5)
    return bodies


def test_what_is_made_ahead_is_what_is_made_when_asked_for():
    for telegrams in ("2", "3"):
        meter = Meter(telegrams=telegrams)
        asked = sequence(meter)
        meter.pass_time(400, 20)
        assert meter.module._ahead.ready
        assert sequence(meter) == asked
        assert meter.module._void, "taken"
        meter.pass_time(1000, 20)
        assert sequence(meter) == asked
    lists = Meter()
    lists.send("7F")
    asked = sequence(lists, 20)
    looks = 0
    while not lists.module._ahead.ready or lists.module._void:
        lists.pass_time(20, 20)
        looks += 1
        assert looks < 200
    assert len(asked) == 3
    assert sequence(lists, 20) == asked


def test_a_single_telegram_of_a_set_can_be_made_ahead():
    for sub in ("10", "11", "31", "01", "02"):
        meter = Meter()
        meter.send(sub, ci=0x50)
        asked = sequence(meter)
        meter.pass_time(1000, 20)
        assert meter.module._ahead.ready
        assert sequence(meter) == asked and len(asked) == 1, sub


def test_all_telegrams_are_of_one_moment():
    meter = Meter(source="pulse1", pulse1_weight="100", telegrams="3")
    meter.meter.pulse(0, 5, meter.line.now)
    meter.pass_time(1400, 20)
    first = meter.line.short(0x7B, 5)
    assert "040405000000" in first
    meter.meter.pulse(0, 90, meter.line.now)
    meter.pass_time(2000, 20)
    second = meter.line.short(0x5B, 5)
    assert "84804082FF0FF4010000" in second, "50 Wh in 0.1 Wh"
    meter.line.short(0x7B, 5)
    assert "04045F000000" in meter.line.short(0x5B, 5), "the next readout"


def test_a_command_voids_what_was_made_ahead():
    meter = Meter(tariff_source="bus", telegrams="3")
    meter.pass_time(1000, 20)
    assert meter.module._ahead.ready
    meter.send("01FF1304")
    assert any("01FF1304" in body for body in sequence(meter))
    meter.pass_time(1000, 20)
    meter.send("02FF680000")
    assert meter.module.error == 0x11
    assert any("01FF2F11" in body for body in sequence(meter))


def test_two_masters_have_readouts_of_their_own():
    meter = Meter()
    asked = sequence(meter)
    meter.line.send(0x53, 0xFD, 0x52, "785634120D170102")
    meter.pass_time(1000, 20)
    first = meter.line.short(0x7B, 5)
    meter.pass_time(1000, 20)
    again = meter.line.short(0x7B, 0xFD)
    second = meter.line.short(0x5B, 5)
    assert [first[38:-4], second[38:-4]] == asked
    assert again[38:-4] == asked[0]
    assert meter.line.short(0x5B, 0xFD)[38:-4] == asked[1]
