# SPDX-License-Identifier: MIT
"""The fixed data structure of older slaves (CI 73h, EN 13757-3, annex B): two counters.

Layout of the 16 octets: identification number (4, BCD), access number, status, medium and
units (2), counter 1 (4), counter 2 (4).  Only masters and tools load this file.
"""

from .value import read
from .vif import Meaning

# Device types of EN 13757-7 for the sixteen media; A to E are those of meters that send their
# counters most significant octet first.
_DEVICE_TYPES = b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0f\x03\x04\x06\x07\x08\x0f"

# First unit code, steps, unit, exponent of the first step, quantity.
_UNITS = (
    (0x02, "Wh", 0, "energy"),
    (0x0B, "J", 3, "energy"),
    (0x14, "W", 0, "power"),
    (0x1D, "J/h", 3, "power"),
    (0x26, "m³", -6, "volume"),
    (0x2F, "m³/h", -6, "volume flow"),
    (0x38, "°C", -3, "temperature"),
    (0x39, "HCA units", 0, "heat cost allocation"),
    (0x3A, "", 0, "reserved"),
)
_SAME_HISTORIC = 0x3E


def medium(buf, at) -> int:
    """The four medium bits of the structure at buf[at:]."""
    return buf[at + 6] >> 6 | buf[at + 7] >> 4 & 0x0C


def device_type(buf, at) -> int:
    """The device type that stands for the medium."""
    return _DEVICE_TYPES[medium(buf, at)]


def counters(buf, at, mode2=False):
    """Yield (data_at, meaning, value, error) for each of the two counters of buf[at:]."""
    status = buf[at + 5]
    reversed_octets = mode2 or 0x0A <= medium(buf, at) <= 0x0E
    units = (buf[at + 6] & 0x3F, buf[at + 7] & 0x3F)
    for i in range(2):
        unit = units[i]
        storage = status >> 1 & 1
        if unit == _SAME_HISTORIC:
            unit, storage = units[1 - i], 1
        data_at = at + 8 + 4 * i
        octets = bytes(buf[data_at : data_at + 4])
        if reversed_octets:
            octets = bytes((octets[3], octets[2], octets[1], octets[0]))
        meaning = _meaning(unit, storage, 4 if status & 1 else 12)
        yield (data_at, meaning) + _value(unit, meaning, octets)


def _meaning(unit, storage, field):
    quantity = name = ""
    exponent = 0
    if unit < 2:
        quantity = "date" if unit else "time of day"
    elif unit < _SAME_HISTORIC:
        for first, name_, exponent_, quantity_ in _UNITS:
            if first <= unit:
                name, quantity, exponent = name_, quantity_, exponent_ + unit - first
    kind = "u" if field == 4 else "n"
    return Meaning(0, storage, 0, 0, field, kind, quantity, name, exponent, 1, None, None)


def _value(unit, meaning, octets):
    number, error = read(octets, 0, 4, meaning.field, meaning.kind)
    if number is None:
        return None, error
    if unit < 2:
        # h,m,s and D,M,Y as pairs of digits, the first named on top.
        pairs = "%06d" % number[0]
        pairs = (pairs[-6:-4], pairs[-4:-2], pairs[-2:])
        if unit == 0:
            return "%s:%s:%s" % pairs, None
        return "%s-%s-%s" % (
            ("19" if pairs[2] > "80" else "20") + pairs[2],
            pairs[1],
            pairs[0],
        ), None
    return (number[0], meaning.exponent), None
