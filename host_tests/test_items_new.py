# SPDX-License-Identifier: MIT
"""A new meter, prepayment, the last error and the log of events."""

from meters import Meter
from valued import check, register, valued

# fmt: off
NEW = (
    "rtc_status      08FF22        01 FF22 81",
    "status          08FD17        04 FD17 00200000",
    "breaker_state   08FD1A        01 FD1A 01",
    "breaker         08FD1F        01 FD1F 01",
    "tariff          08FF13        01 FF13 01",
    "tariff_source   08FF44        01 FF44 02",
    "tariff_inverted 08FF45        01 FF45 00",
    "security_level  08FF30        01 FF30 00",
    "pulse_1_state   8840FD1B      8140 FD1B 00",
    "pulse_2_state   888040FD1B    818040 FD1B 01",
)
PREPAID = (
    "credit          08FF04        04 FF04 4D3C2B1A",
    "prepayment      08FF41        01 FF41 01",
)
NOT_PREPAID = (
    "credit          08FF04        04 FF04 00000000",
    "prepayment      08FF41        01 FF41 00",
)
LAST_ERROR = (
    "last_error      08FF2F        01 FF2F 12",
)
# The newest events: local time 2026-10-25 21:47:52, number, code, a spare octet, value.
EVENTS = (
    "event           08FF50        0D FF50 EC 88357132 0200 0D 00 00000000",
    "event           48FF50        4D FF50 EC 88357132 0100 08 00 21436587",
    "event           8801FF50      8D01 FF50 EC 88357132 0000 09 00 35120000",
)
# fmt: on
PROVES = {
    "test_what_a_new_meter_shows": ("value", "NEW"),
    "test_a_prepaid_meter": ("value", "PREPAID"),
    "test_a_meter_that_could_be_prepaid": ("value", "NOT_PREPAID"),
    "test_the_last_error_is_that_of_the_last_command": ("value", "LAST_ERROR"),
    "test_events": ("value", "EVENTS"),
}


def test_what_a_new_meter_shows():
    table = "Mo-Su 1-12 06:00 1"
    meter = Meter(source="none", breaker="yes", tariff_source="clock", tariff_table=table)
    for level, one in enumerate(meter.meter.pulses):
        one.level = level
    check(meter, NEW)


def test_a_prepaid_meter():
    meter = valued(breaker="yes", prepayment="yes")
    assert meter.send("01FF410104FF044D3C2B1A") == 0
    check(meter, PREPAID)


def test_a_meter_that_could_be_prepaid():
    check(valued(breaker="yes", prepayment="yes"), NOT_PREPAID)


def test_the_last_error_is_that_of_the_last_command():
    for row in LAST_ERROR:
        name, selection, record = row.split(None, 2)
        meter = valued()
        assert register(meter, selection) == "01FF2F00"
        assert meter.send("017AFB") == 0x12
        assert meter.line.send(0x53, 5, 0x51, selection) == "E5"
        assert meter.line.short(0x7B, 5)[38:-4] == record.replace(" ", ""), name


def test_events():
    meter = valued()
    assert meter.send("00FFC00B") == 0  # a debiting stop, the number, what a lock refuses
    assert meter.send("0C7921436587") == 0
    meter.module.locked = True
    assert meter.send("0C7900000000") == 0x10
    check(meter, EVENTS)
