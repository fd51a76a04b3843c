# SPDX-License-Identifier: MIT
"""The values of an emulated meter: fixed, and different for each meter of a bus.

What a register is worth for meter k (from 1) is base + (k - 1) * step; the steps keep the
sums: tariffs add up to their total, phases to the power, quadrants to reactive energy.
"""

from mbus import __version__
from mbus.encode import text

# fmt: off
_NUMBERS = (
    # register          base      step
    ("energy_import",   12345678, 150000),
    ("energy_export",   34567,    3000),
    ("reactive_import", 2345,     20),
    ("reactive_export", 12,       3),
    ("import_t1",       10000000, 100000),
    ("import_t2",       2345678,  50000),
    ("max_import",      7321,     11),
    ("max_export",      1200,     7),
    ("max_import_t1",   7321,     11),
    ("max_import_t2",   5210,     5),
    ("sum_max_import",  65432,    100),
    ("power_import",    1534,     60),
    ("hours",           12345,    24),
    ("verify_import",   1234567,  15000),
    ("verify_export",   3456,     300),
    ("max_var_import",  2100,     10),
    ("max_var_export",  300,      4),
    ("voltage_l1",      2301,     1),
    ("voltage_l2",      2298,     1),
    ("voltage_l3",      2312,     1),
    ("current_l1",      223,      9),
    ("current_l2",      301,      9),
    ("current_l3",      145,      9),
    ("power_l1",        511,      20),
    ("power_l2",        690,      20),
    ("power_l3",        333,      20),
    ("reset_import",    45678,    1500),
    ("reset_export",    567,      30),
    ("import_t3",       0,        0),
    ("import_t4",       0,        0),
    ("export_t1",       30000,    2000),
    ("export_t2",       4567,     1000),
    ("r_import_t1",     2000,     12),
    ("r_import_t2",     345,      8),
    ("r_export_t1",     10,       2),
    ("r_export_t2",     2,        1),
    ("sum_max_export",  9876,     50),
    ("power_export",    0,        0),
    ("reactive_q1",     2300,     15),
    ("reactive_q4",     5,        1),
    ("periods",         9,        1),
    ("var_import",      410,      6),
    ("var_export",      0,        0),
    ("frequency",       500,      0),
    ("tariff",          1,        0),
)

_OCTETS = (
    # register      type F
    ("time",        b"\x2d\x27\x36\x3b"),  # 2025-11-22 07:45
    ("max_time",    b"\x1e\x32\x33\x35"),
    ("max_time_t1", b"\x1e\x32\x33\x35"),
    ("max_time_t2", b"\x00\x31\x32\x35"),
)
# fmt: on


def values(meter: int) -> dict:
    """Register name to value for the meter-th meter, from 1."""
    result = dict(_OCTETS)
    for name, base, step in _NUMBERS:
        result[name] = base + (meter - 1) * step
    result["version"] = text("mbus-node " + __version__)
    return result
