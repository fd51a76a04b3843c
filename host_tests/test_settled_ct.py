# SPDX-License-Identifier: MIT
"""What a CT meter has measured before another ratio is at the one before, and always counted."""

from meters import Meter
from test_settled import PULSES, count, register


def test_pulses_before_a_ratio_are_at_the_one_before():
    meter = Meter(ct="yes", ratio="50", **PULSES)
    count(meter, 1)
    assert meter.send("02FF680500") == 0
    count(meter, 1)
    meter.pass_time(1000)
    assert register(meter, "0804") == "06046E0000000000", "1000 Wh and 100 Wh"


def test_no_ratio_can_be_set_that_the_remainders_do_not_go_with():
    meter = Meter(source="pulse1", ct="yes", pulse1_weight="4294967291")
    count(meter, 1)
    assert meter.send("8440FF4215AFE60E") == 0x12, "they would not go with 7 / 5"
    assert meter.send("02FF680700") == 0
    count(meter, 1)
    meter.pass_time(1000)
    assert meter.meter.pulses[0].count == 2
