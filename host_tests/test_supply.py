# SPDX-License-Identifier: MIT
"""Breaker, prepayment and power threshold at work, with alarms, status and events."""

from meter import events, live
from meters import Meter
from test_commands import CREDIT, ON, register

PREPAID = {"breaker": "yes", "prepayment": "yes", "source": "pulse1"}


def pulses(meter, n):
    """So many Wh, then a second."""
    meter.meter.pulse(0, n, meter.line.now)
    meter.pass_time(1000)


def codes(meter):
    """The codes of all events there are, oldest first."""
    log = meter.meter.events
    return [log.get(log.total, n)[6] for n in range(log.total - 1, -1, -1)]


def alarm(meter, c=0x5A):
    """The alarm octet that REQ_UD1 is answered with, None for E5."""
    reply = meter.line.short(c, 5)
    return None if reply == "E5" else int(reply[14:16], 16)


def test_credit_counts_down_with_the_energy_and_opens_the_breaker_at_zero():
    meter = Meter(**PREPAID)
    assert meter.send(ON + "04FF040A000000") == 0  # 100 Wh
    pulses(meter, 50)
    assert register(meter, "08FF04") == "04FF0405000000"
    assert register(meter, "08FD1A") == "01FD1A01"
    pulses(meter, 60)
    meter.pass_time(1000)
    assert register(meter, "08FF04") == "04FF0400000000"
    assert register(meter, "08FD1A") == "01FD1A00"
    assert register(meter, "08FD17") == "04FD1700A40000", "breaker open, clock invalid, exhausted"
    assert meter.line.data(0x7B)[1] == 0x60
    assert codes(meter) == [events.CREDIT_EXHAUSTED, events.BREAKER_OPENED]
    assert meter.send("01FD1F01") == 0x11, "no credit"
    assert meter.send("01FD1F02") == 0x11
    assert meter.send("04FF84010A000000") == 0
    assert meter.send("01FD1F01") == 0
    meter.pass_time(1000)
    assert register(meter, "08FD1A") == "01FD1A01"


def test_switched_on_without_credit_it_opens_with_the_first_energy():
    meter = Meter(**PREPAID)
    assert meter.send(ON) == 0
    meter.pass_time(10_000)
    assert meter.meter.breaker.closed
    pulses(meter, 10)
    meter.pass_time(1000)
    assert not meter.meter.breaker.closed


def test_credit_outlives_a_restart_to_the_unit():
    meter = Meter(**PREPAID)
    meter.send(CREDIT)
    pulses(meter, 999)
    meter.persist()
    again = meter.restarted()
    assert register(again, "08FF04") == "04FF0425130000"  # 5000 - 99
    pulses(again, 1)
    assert register(again, "08FF04") == "04FF0424130000"


def test_prepaid_energy_knows_no_tariffs():
    meter = Meter(**PREPAID)
    meter.meter.tariff_level = 1
    meter.pass_time(1000)
    pulses(meter, 100)
    assert register(meter, "881004") == "8410040A000000"
    assert register(meter, "882004") == "84200400000000"


def power(meter, watts):
    meter.meter.source.set(live.P, watts)
    meter.pass_time(1000)


def test_each_excess_is_counted_and_told_once():
    meter = Meter(breaker="yes")
    meter.send("04AB48D0070000")  # 2000 W
    for watts in (2000, 2001, 3000, 1999, 2500, 100):
        power(meter, watts)
    assert register(meter, "08FF15") == "02FF150200"
    assert register(meter, "08AB49") == "02FF150200", "the standard's name for it"
    assert codes(meter) == [events.THRESHOLD_EXCEEDED] * 2
    assert meter.meter.breaker.closed
    power(meter, 2500)
    assert register(meter, "08FD17") == "04FD1700100000"
    assert meter.line.short(0x7B, 5)[8:10] == "28", "ACD"
    assert alarm(meter) == 0x10
    assert alarm(meter, 0x5A) == 0x10, "a repetition"
    assert alarm(meter, 0x7A) is None, "seen"
    assert meter.line.short(0x5B, 5)[8:10] == "08"


def test_the_threshold_opens_the_breaker_where_it_is_configured_to():
    meter = Meter(breaker="yes", threshold_opens="yes")
    meter.send("04AB48D0070000")
    power(meter, 2001)
    assert meter.meter.breaker.control == 0
    assert meter.send("01FD1F01") == 0x11
    power(meter, 0)
    assert meter.send("01FD1F01") == 0


def test_a_breaker_that_needs_a_hand_is_released_and_connected_by_it():
    meter = Meter(breaker="yes", reconnect="manual")
    meter.send("01FD1F00")
    meter.pass_time(1000)
    assert meter.send("01FD1F01") == 0
    meter.pass_time(1000)
    assert register(meter, "08FD1F") == "01FD1F02" and register(meter, "08FD1A") == "01FD1A00"
    assert meter.meter.button(meter.line.now)
    meter.pass_time(1000)
    assert register(meter, "08FD1F") == "01FD1F01" and register(meter, "08FD1A") == "01FD1A01"
    assert codes(meter) == [events.BREAKER_OPENED, events.BREAKER_CLOSED]
    assert alarm(meter) == 0x08


def test_a_contact_that_does_not_follow_is_a_fault():
    meter = Meter(breaker="yes")
    meter.meter.feedback = 1
    meter.send("01FD1F00")
    meter.pass_time(10_000)
    assert register(meter, "08FD17") == "04FD1700000000", "the relay may have to wait"
    meter.pass_time(2_000)
    assert register(meter, "08FD1A") == "01FD1A01"
    assert register(meter, "08FD17") == "04FD1700080000"
    assert meter.line.data(0x7B)[1] == 0x08, "a lasting error"
    assert alarm(meter) == 0x01
    meter.meter.feedback = 0
    meter.pass_time(1000)
    assert register(meter, "08FD17") == "04FD1700040000"


def test_a_missing_phase_is_told():
    meter = Meter()
    meter.meter.source.set(live.U_L2, 1599)
    meter.pass_time(1000)
    assert register(meter, "08FD17") == "04FD1720000000"
    assert meter.line.data(0x7B)[1] == 0x10, "a passing error"
    assert alarm(meter) == 0x04
    one = Meter(phases="1")
    one.meter.source.set(live.U_L2, 0)
    one.pass_time(1000)
    assert register(one, "08FD17") == "04FD1700000000"


def test_events_are_read_over_the_bus_newest_first_and_outlive_a_restart():
    meter = Meter(ct="yes", ratio="50")
    for records in ("017A08", "0C7921436587", "02FF686400", "01FF1401", "03ED020A0000"):
        assert meter.send(records, a=254) == 0, records
    time = "7C26B430"  # 2025-11-22 07:45 in seconds since 2000
    meter.persist()
    for one in (meter, meter.restarted()):
        assert codes(one) == [7, 8, 5, 6, 4]
        assert register(one, "08FF50") == "0DFF50EC" + time + "04000400" + "F6FFFFFF"
        assert register(one, "8801FF50") == "8D01FF50EC" + time + "02000500" + "64000000"
        assert register(one, "8802FF50") == "8D02FF50EC" + time + "00000700" + "08000000"
        assert register(one, "C802FF50") == "C002FFD015"
        assert len(register(one, "C80FFF50")) == 2 * 32 + 3 * 34, "all of them"


def test_values_of_an_emulated_household_say_so():
    meter = Meter(source="load_profile")
    meter.send("046D2D27363B")
    meter.pass_time(60_000)
    assert register(meter, "08FD17") == "04FD1700000800"
    reply = register(meter, "08FDC8FC01")
    assert reply[:10] == "02FDC8FC01" and 2200 < int(reply[12:14] + reply[10:12], 16) < 2400


def test_an_emulated_household_draws_nothing_behind_an_open_breaker():
    meter = Meter(source="load_profile", breaker="yes")
    meter.send("046D2D27363B")
    meter.pass_time(600_000, 10_000)
    assert meter.meter.power(live.P) != 0
    meter.send("01FD1F00")
    meter.pass_time(1000)
    before = [meter.meter.energy.dump(), meter.meter.power(live.U_L1)]
    meter.pass_time(50_000, 10_000)
    assert [meter.meter.energy.dump(), meter.meter.power(live.U_L1)] == before
    for index in (live.P, live.P_L1, live.Q, live.I_L2, live.P_IMPORT, live.P_EXPORT):
        assert meter.meter.power(index) == 0, index
    assert meter.meter.power(live.PF) is None
    meter.send("01FD1F01")
    meter.pass_time(60_000, 10_000)
    assert meter.meter.energy.dump() != before[0] and meter.meter.power(live.P) != 0
