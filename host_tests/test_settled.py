# SPDX-License-Identifier: MIT
"""What was measured before a command, or before it is stored, counts as before."""

from meters import Meter
from test_commands import BUS, ON, register

PULSES = {"source": "pulse1", "pulse1_weight": "10"}  # 100 Wh each


def count(meter, n):
    """So many pulses, of which no tick has heard yet."""
    meter.meter.pulse(0, n, meter.line.now)


def test_pulses_before_a_tariff_are_of_the_one_before():
    meter = Meter(**PULSES, **BUS)
    count(meter, 1)
    assert meter.send("01FF1302") == 0
    count(meter, 2)
    meter.pass_time(1000)
    assert register(meter, "881004") == "8410040A000000"
    assert register(meter, "882004") == "84200414000000"


def test_pulses_before_a_counter_is_cleared_are_cleared():
    meter = Meter(**PULSES)
    count(meter, 1)
    assert meter.send("8080804084FF8307") == 0
    meter.pass_time(1000)
    assert register(meter, "8880804084FF03") == "8480804084FF0300000000"


def test_pulses_before_a_credit_are_not_drawn_from_it():
    meter = Meter(breaker="yes", prepayment="yes", **PULSES)
    assert meter.send(ON) == 0
    count(meter, 1)
    assert meter.send("04FF0464000000") == 0
    meter.pass_time(1000)
    assert register(meter, "08FF04") == "04FF0464000000"


def test_pulses_that_no_tick_has_heard_of_are_stored():
    meter = Meter(**PULSES)
    assert meter.send("0CFD6778563412") == 0
    count(meter, 3)
    meter.persist()
    again = meter.restarted()
    assert register(again, "0804") == "04041E000000"
    assert register(again, "884004") == "8440041E000000"


def test_a_debiting_stop_that_the_schedule_has_just_made_is_not_made_again():
    meter = Meter()
    assert meter.send("066D3B3B173F3C00") == 0  # 2025-12-31 23:59:59
    meter.line.now += 900
    assert meter.send("00FFC00B") == 0x08
    assert meter.meter.history.closed == 10


def test_an_emulated_meter_without_credit_stays_connected_over_a_restart():
    meter = Meter(breaker="yes", prepayment="yes")
    meter.meter.energy.preset(0, 77, 1)
    meter.pass_time(1000)
    assert meter.send(ON) == 0
    meter.persist()
    again = meter.restarted()
    again.pass_time(2000)
    assert register(again, "08FD1A") == "01FD1A01"
