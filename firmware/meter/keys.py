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

TIME = 0  # local time in seconds since 2000; of a closed period, its end
HOURS = 1
PERIODS = 2
STATUS = 3
RTC_STATUS = 4
TARIFF = 5
THRESHOLD = 6
THRESHOLD_COUNT = 7
CREDIT = 8
PREPAY_MODE = 9
BREAKER_STATE = 10
BREAKER_CONTROL = 11
RATIO = 12
RATIO_LOCK = 13
SPECIAL_1 = 14
SPECIAL_2 = 15
WEIGHT_1 = 16
WEIGHT_2 = 17
PERIOD_MIN = 18
TARIFF_SOURCE = 19
TARIFF_INVERTED = 20
