# SPDX-License-Identifier: MIT
"""The sources of the register table's rows: a letter for the group, and an index or name.

Groups of the meter, meter/keys.py: e energy, c the same at the terminals of a CT meter
(kind * 5 + tariff), m maximum, x its time, a accumulated maxima (quantity of demand.py),
v verification, z resettable (kind), l live.py, p and q pulse input and its level, k others.
Of the module: d the time in a type of date, n what the module itself is, - nothing.
"""

from meter import keys, live

TYPES = "FGIJ"  # of dates, by index
# fmt: off
OWN = (
    "SERIAL", "METER_NUMBER", "IDENTIFICATION", "PRIMARY", "VERSION", "METROLOGY", "LAST_ERROR",
    "SECURITY_LEVEL", "KEY_VERSION", "COMMAND_COUNTER", "BAUD", "STATUS",
    "CAUSE", "STARTS", "WATCHDOGS", "CRASHES", "STORE_FAILURES", "LATE", "LINE_ERRORS",
    "EVENT", "CRASH", "FAILURES",
)
# fmt: on


def resolve(text: str):
    """(group, index) of a source."""
    group, name = ord(text[0]), text[1:]
    if group == keys.OTHER:
        return group, getattr(keys, name)
    if group == keys.LIVE:
        return group, getattr(live, name)
    if group == keys.MODULE:
        return group, OWN.index(name)
    if group == keys.DATE:
        return group, TYPES.find(name)
    return group, int(name) if name else 0
