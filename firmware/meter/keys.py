# SPDX-License-Identifier: MIT
"""What a meter's value() is asked for: groups, and the indices of the group OTHER."""

# Groups, the codes of the letters that a register table's source begins with.
ENERGY = 101  # e: kind * 5 + tariff, tariff 0 for all of them
SECONDARY = 99  # c: the same at the terminals of a CT meter
MAXIMUM = 109  # m: quantity of demand.py
MAXIMUM_TIME = 120  # x: the same
ACCUMULATED = 97  # a: the same
VERIFICATION = 118  # v: kind
RESETTABLE = 122  # z: kind
LIVE = 108  # l: see live.py
PULSES = 112  # p: input 0 or 1
LEVEL = 113  # q: input 0 or 1
OTHER = 107  # k: one of these

# Of no meter, but in that table too.
DATE = 100  # d: the time, as a type of date
MODULE = 110  # n: what the module itself is
NOTHING = 45  # -

TIME = 0  # local time in seconds since 2000; of a closed period, its end
HOURS = 1
PERIODS = 2
RTC_STATUS = 3
TARIFF = 4
THRESHOLD = 5
THRESHOLD_COUNT = 6
CREDIT = 7
PREPAY_MODE = 8
BREAKER_STATE = 9
CONTROL = 10
RATIO = 11
RATIO_LOCK = 12
SPECIAL_1 = 13
SPECIAL_2 = 14
WEIGHT_1 = 15
WEIGHT_2 = 16
PERIOD_MIN = 17
TARIFF_SOURCE = 18
TARIFF_INVERTED = 19

OTHERS = TARIFF_INVERTED + 1
