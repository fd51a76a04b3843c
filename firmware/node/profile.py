# SPDX-License-Identifier: MIT
"""The values that an emulated meter begins with: different for each meter of a bus.

What a register is worth for meter k (from 1) is base + (k - 1) * step; the steps keep the
sums: tariffs add up to their total, phases to the power.  Sources are those of the register
table, see sourcetext.py.
"""

from meter.preset import preset

from .sourcetext import resolve

# fmt: off
_VALUES = (
    # source            base       step
    ("kTIME",           817112700, 0),       # 2025-11-22 07:45
    ("kHOURS",          12345,     24),
    ("kPERIODS",        9,         1),
    ("e1",              10000000,  100000),  # A+ tariff 1, 2
    ("e2",              2345678,   50000),
    ("e6",              30000,     2000),    # A-
    ("e7",              4567,      1000),
    ("e11",             2000,      12),      # R1
    ("e12",             300,       3),
    ("e17",             45,        5),       # R2
    ("e21",             5,         1),       # R3
    ("e22",             2,         1),
    ("e26",             5,         1),       # R4
    ("z0",              45678,     1500),
    ("z1",              567,       30),
    ("v0",              1234567,   15000),
    ("v1",              3456,      300),
    ("m0",              7321,      11),
    ("m1",              1200,      7),
    ("m2",              2100,      10),
    ("m3",              300,       4),
    ("m4",              7321,      11),
    ("m5",              5210,      5),
    ("x0",              800994600, 0),       # 2025-05-19 18:30
    ("x4",              800994600, 0),
    ("x5",              800902800, 0),       # 2025-05-18 17:00
    ("a0",              65432,     100),
    ("a1",              9876,      50),
    ("lP",              1534,      60),
    ("lP_L1",           511,       20),
    ("lP_L2",           690,       20),
    ("lP_L3",           333,       20),
    ("lQ",              410,       6),
    ("lU_L1",           2301,      1),
    ("lU_L2",           2298,      1),
    ("lU_L3",           2312,      1),
    ("lI_L1",           223,       9),
    ("lI_L2",           301,       9),
    ("lI_L3",           145,       9),
    ("lFREQUENCY",      500,       0),
)
# fmt: on


# What of a single phase meter is not that of phase L1 of three.
_ALONE = {"lP_L1": (1534, 60), "lI_L1": (669, 27)}
_OTHERS = ("_L2", "_L3")


def begin(meter, number: int, now: int):
    """Set what the number-th emulated meter, from 1, begins with; its source is the host."""
    single = meter.config.phases == 1
    for source, base, step in _VALUES:
        if single and source[-3:] in _OTHERS:
            continue
        if single and source in _ALONE:
            base, step = _ALONE[source]
        group, index = resolve(source)
        preset(meter, group, index, base + (number - 1) * step, now)
    # It is not this meter that has just been set.
    meter.changed = meter.counting = False
