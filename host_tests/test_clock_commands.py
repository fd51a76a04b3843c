# SPDX-License-Identifier: MIT
"""The clock over the bus: setting it in each way, shifting it, what that does to the meter."""

from meter import events
from meters import Meter
from test_commands import register

OWN = "785634120D17010200000000"
DAY = "2D27363B"  # 2025-11-22 07:45

# fmt: off
SET = (
    # CI    records                          time (06 6D) then: 2025-11-22 07:45:..
    (0x51, "046D" + DAY,                     "066D002DC7363B2F"),
    (0x51, "066D1E2DC7363B2F",               "066D1E2DC7363B2F"),
    (0x6C, OWN + "001E2DC7363B2F000000",     "066D1E2DC7363B2F"),
    (0x6C, OWN + "001E2DC7363B2F",           "066D1E2DC7363B2F"),  # without reserved octets
    (0x51, "026C363B" "036D1E2D07",          "066D1E2DC7363B2F"),
    (0x51, "036D1E2D07" "026C363B",          "066D1E2DC7363B2F"),
)
REFUSED = (
    # CI    records
    (0x51, "046D2D273F3B"),                   # 31 November
    (0x51, "046DAD27363B"),                   # marked invalid
    (0x51, "046D3F27363B"),                   # every minute
    (0x51, "066D1EADC7363B2F"),
    (0x51, "026C3F3B"),
    (0x51, "026CFFFF"),
    (0x51, "036D3C2D07"),                     # second 60
    (0x51, "036D1E2D18"),                     # hour 24
    (0x51, "03ED010000FF"),
    (0x6C, OWN + "011E2DC7363B2F000000"),     # add is of the other CI
    (0x6C, OWN + "001E2DC7363B"),             # too short
    (0x6C, OWN),
    (0x6D, OWN + "001E0000000000000000"),
    (0x6D, OWN + "011E00"),
    (0x6D, OWN + "031E0000"),
)
SHIFTED = (
    # CI    records             seconds
    (0x51, "03ED011E0000",      30),
    (0x51, "03ED020A0000",      -10),
    (0x51, "03ED01000001",      3600),
    (0x51, "03ED02010005",      -18001),
    (0x6D, OWN + "011E0000000000000000", 30),
    (0x6D, OWN + "021E0000",    -30),
    (0x6D, OWN + "01000202",    7320),
)
# fmt: on


def unset(**given):
    """A meter with a source, whose clock has not been set."""
    return Meter(source="pulse1", **given)


def test_the_clock_is_not_valid_until_it_is_set():
    meter = unset()
    assert register(meter, "08FF22") == "01FF2281"
    assert register(meter, "086D") == "00ED15"
    assert register(meter, "08FD17") == "04FD1700200000"
    assert meter.line.data(0x7B)[1] & 0x40
    assert "046D" not in meter.line.short(0x5B, 5)
    meter.send("046D" + DAY)
    assert register(meter, "08FF22") == "01FF2203"
    assert meter.line.data(0x7B)[1] == 0


def test_each_way_of_setting_it():
    for ci, records, shown in SET:
        meter = unset()
        code = meter.send(records, ci=ci)
        assert code == 0, records
        assert register(meter, "06ED0C")[4:] == shown[4:], records
        assert register(meter, "086D") == "046D" + DAY, records
        assert register(meter, "086C") == "026C363B", records
        assert meter.meter.events.get(1, 0)[6] == events.CLOCK_SET


def test_what_is_no_time_is_refused_and_changes_nothing():
    for ci, records in REFUSED:
        meter = Meter()
        assert meter.send(records, ci=ci) == 0x12, records
        assert register(meter, "086D") == "046D" + DAY, records
        assert meter.meter.events.total == 0, records


def test_an_offset_is_added_or_subtracted():
    for ci, records, offset_s in SHIFTED:
        meter = Meter()
        before = meter.meter.clock.seconds
        assert meter.send(records, ci=ci) == 0, records
        meter.pass_time(620_000)  # small ones are slewed, a second in 20
        assert meter.meter.clock.seconds - before in (620 + offset_s, 621 + offset_s), records
        assert meter.meter.events.get(1, 0)[6] == events.CLOCK_SHIFTED
        assert bytes(meter.meter.events.get(1, 0)[8:]) == bytes(
            (offset_s >> shift & 0xFF) for shift in (0, 8, 16, 24)
        )


def test_there_is_nothing_to_shift_before_it_is_set():
    assert unset().send("03ED010A0000") == 0x11
    assert unset().send(OWN + "011E0000", ci=0x6D) == 0x11


def test_it_may_not_leave_its_hundred_years():
    meter = Meter()
    meter.send("046D17377FCC")  # 2099-12-31 23:23
    assert meter.send("03ED01000001") == 0x12
    assert meter.send("03ED01000500") == 0


def test_summer_time_follows_the_rule_that_is_configured():
    meter = unset(dst="eu")
    meter.send("066D00000A5D361A")  # 2026-06-29 10:00
    assert register(meter, "08FF22") == "01FF2213"
    assert register(meter, "086D")[6:8] == "AA", "summer bit, hundreds, hour 10"
    meter.send("046D000A5D31")  # 2026-01-29 10:00
    assert register(meter, "08FF22") == "01FF2203"


def test_after_a_restart_the_old_time_is_not_taken_for_the_present_one():
    meter = unset()
    meter.send("046D" + DAY)
    meter.pass_time(60_000)
    meter.persist()
    again = meter.restarted()
    assert register(again, "086D") == "00ED15"
    assert again.module.alarms() == 0x20, "a time that is lost is an alarm"
    assert unset().module.alarms() == 0, "one that was never there is none"
