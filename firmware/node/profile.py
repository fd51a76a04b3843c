# SPDX-License-Identifier: MIT
"""The values that an emulated meter begins with: different for each meter of a bus.

What a register is worth for meter k (from 1) is base + (k - 1) * step; the steps keep the
sums: tariffs add up to their total, phases to the power.  Groups and indices are those of
meter/keys.py.
"""

from meter import keys, live
from meter.preset import preset

# fmt: off
_VALUES = (
    # group             index           base       step
    (keys.OTHER,         keys.TIME,      817112700, 0),  # 2025-11-22 07:45
    (keys.OTHER,         keys.HOURS,     12345,     24),
    (keys.OTHER,         keys.PERIODS,   9,         1),
    (keys.ENERGY,        1,              10000000,  100000),  # A+ tariff 1, 2
    (keys.ENERGY,        2,              2345678,   50000),
    (keys.ENERGY,        6,              30000,     2000),  # A-
    (keys.ENERGY,        7,              4567,      1000),
    (keys.ENERGY,        11,             2000,      12),  # R1
    (keys.ENERGY,        12,             300,       3),
    (keys.ENERGY,        17,             45,        5),  # R2
    (keys.ENERGY,        21,             5,         1),  # R3
    (keys.ENERGY,        22,             2,         1),
    (keys.ENERGY,        26,             5,         1),  # R4
    (keys.RESETTABLE,    0,              45678,     1500),
    (keys.RESETTABLE,    1,              567,       30),
    (keys.VERIFICATION,  0,              1234567,   15000),
    (keys.VERIFICATION,  1,              3456,      300),
    (keys.MAXIMUM,       0,              7321,      11),
    (keys.MAXIMUM,       1,              1200,      7),
    (keys.MAXIMUM,       2,              2100,      10),
    (keys.MAXIMUM,       3,              300,       4),
    (keys.MAXIMUM,       4,              7321,      11),
    (keys.MAXIMUM,       5,              5210,      5),
    (keys.MAXIMUM_TIME,  0,              800994600, 0),  # 2025-05-19 18:30
    (keys.MAXIMUM_TIME,  4,              800994600, 0),
    (keys.MAXIMUM_TIME,  5,              800902800, 0),  # 2025-05-18 17:00
    (keys.ACCUMULATED,   0,              65432,     100),
    (keys.ACCUMULATED,   1,              9876,      50),
    (keys.LIVE,          live.P,         1534,      60),
    (keys.LIVE,          live.P_L1,      511,       20),
    (keys.LIVE,          live.P_L2,      690,       20),
    (keys.LIVE,          live.P_L3,      333,       20),
    (keys.LIVE,          live.Q,         410,       6),
    (keys.LIVE,          live.U_L1,      2301,      1),
    (keys.LIVE,          live.U_L2,      2298,      1),
    (keys.LIVE,          live.U_L3,      2312,      1),
    (keys.LIVE,          live.I_L1,      223,       9),
    (keys.LIVE,          live.I_L2,      301,       9),
    (keys.LIVE,          live.I_L3,      145,       9),
    (keys.LIVE,          live.FREQUENCY, 500,       0),
)
# fmt: on


# What of a single phase meter is not that of phase L1 of three.
_ALONE = {live.P_L1: (1534, 60), live.I_L1: (669, 27)}
_OTHERS = (live.P_L2, live.P_L3, live.U_L2, live.U_L3, live.I_L2, live.I_L3)


def begin(meter, number: int, now: int):
    """Set what the number-th emulated meter, from 1, begins with; its source is the host."""
    single = meter.config.phases == 1
    for group, index, base, step in _VALUES:
        if single and group == keys.LIVE:
            if index in _OTHERS:
                continue
            base, step = _ALONE.get(index, (base, step))
        preset(meter, group, index, base + (number - 1) * step, now)
    # It is not this meter that has just been set.
    meter.changed = meter.counting = False
