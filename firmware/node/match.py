# SPDX-License-Identifier: MIT
"""Which registers a record of a readout selection means (EN 13757-3, 11.2; and our rules).

Storage number, tariff and subunit have wildcards: the highest number that the DIFE of the
request can express means all (of subunits only from two DIFE on).  Power of ten and unit of
a duration are not compared, the group of the VIF is.  The VIFE must be equal.
"""

from array import array

from mbus.record import GLOBAL, dib_values
from micropython import const

from .registers import EVENT, EVENTS, EXACT, HISTORY, READ, STORAGES

ALL = const(0xFFFF)  # as storage number

# Record errors, slave to master (EN 13757-3, table 12).
NO_STORAGE = const(0x02)
NO_SUBUNIT = const(0x03)
NO_TARIFF = const(0x04)
NO_FUNCTION = const(0x05)
NO_CLASS = const(0x06)
NO_SIZE = const(0x07)
NO_VIF = const(0x0C)
NO_VALUE = const(0x15)
OVERFLOW = const(0x16)

SELECT = const(0x08)  # the data field "selection for readout"
_ANY_VIF = const(0x7E)
_DATES = b"\x6c\x6d"  # VIF of a date, and of a date and time
_NUMBERS = b"\x01\x02\x03\x04\x06\x07\x09\x0a\x0b\x0c\x0e"  # data fields of a number

# Which bits of a VIF are its group: up to this code, this mask.
_PRIMARY = b"\x1f\x78\x27\x7c\x57\x78\x6b\x7c\x6f\x7f\x77\x7c\x7f\x7f"
_FB = b"\x05\x7e\x07\x7f\x09\x7e\x0f\x7c\x11\x7e\x13\x7f\x17\x7c\x1b\x7e\x27\x7f\x29\x7e\x2b\x7f"
_FB += b"\x2f\x7c\x31\x7e\x33\x7f\x37\x7c\x6f\x7f\x77\x7c\x7f\x78"
_FD = b"\x07\x7c\x23\x7f\x27\x7c\x2b\x7f\x2f\x7c\x33\x7f\x37\x7c\x3f\x7f\x5f\x70\x7f\x7f"
_OWN = b"\x7f\x7f"
_EVERY_GROUP = const(0x70)  # bits of all these masks


def vif_group(buf, at):
    """(group, place of the first VIFE) of the VIB at buf[at]; equal groups, equal quantities."""
    vif = buf[at]
    if vif == 0xFB:
        table, masks, at = 1, _FB, at + 1
    elif vif == 0xFD:
        table, masks, at = 2, _FD, at + 1
    elif vif == 0xFF:
        table, masks, at = 3, _OWN, at + 1
    else:
        table, masks = 0, _PRIMARY
    code = buf[at] & 0x7F
    i = 0
    while masks[i] < code:
        i += 2
    return table << 8 | code & masks[i + 1], at + 1


class Request:
    """A request for registers, taken apart: what its DIB and VIB say; of_date for a date."""

    def __init__(self, dib, vib):
        self.vib = vib
        self.of_date = bool(vib) and vib[0] & 0x7F in _DATES
        self.anything = not vib or vib[0] & 0x7F == _ANY_VIF
        self.everywhere = dib[0] == GLOBAL
        self.field = dib[0] & 0x0F
        self.function = dib[0] >> 4 & 3
        self.storage, self.tariff, self.subunit = dib_values(dib, 0, len(dib))
        n = len(dib) - 1
        self.all_storages = n > 0 and self.storage == (2 << 4 * n) - 1
        self.all_tariffs = n > 0 and self.tariff == (1 << 2 * n) - 1
        self.all_subunits = n > 1 and self.subunit == (1 << n) - 1
        if self.everywhere:
            self.all_storages = self.all_tariffs = self.all_subunits = True
        if not self.anything:
            self.group, self._vife_at = vif_group(vib, 0)

    @property
    def named(self) -> bool:
        """Whether one register is meant, so that its absence is an error."""
        return not (self.anything or self.all_storages or self.all_tariffs or self.all_subunits)

    @property
    def stored(self) -> int:
        """The storage number that is asked for, or ALL."""
        return ALL if self.all_storages else self.storage

    def same_vib(self, registers, row) -> bool:
        """Whether the VIB of the request means this row."""
        if self.anything:
            # What is many octets or would come twice is not everything.
            return not registers.flags(row) & (EVENT | EXACT)
        heads, _, at, end = registers.parts(row)
        group, vife_at = vif_group(heads, at)
        if group != self.group:
            return False
        own = len(self.vib) - self._vife_at
        if self.everywhere and not own:
            return True
        if own != end - vife_at:
            return False
        return heads[vife_at:end] == self.vib[self._vife_at :]

    def failure(self, registers, row) -> int:
        """0 if the DIB means this row too, else the error of what it has not."""
        heads, dib_at, vib_at, _ = registers.parts(row)
        dif = heads[dib_at]
        _, tariff, subunit = dib_values(heads, dib_at, vib_at)
        if not self.all_subunits and subunit != self.subunit:
            return NO_SUBUNIT
        if not self.all_tariffs and tariff != self.tariff:
            return NO_TARIFF
        if not self.everywhere and dif >> 4 & 3 != self.function:
            return NO_FUNCTION
        if not self.all_storages and self.storage >= storages(registers, row):
            return NO_STORAGE
        return self._field_failure(registers.flags(row), dif & 0x0F)

    def _field_failure(self, flags, field):
        if self.everywhere or self.field == SELECT:
            return NO_SIZE if flags & EXACT else 0
        if self.field == field:
            return 0
        numbers = self.field in _NUMBERS and field in _NUMBERS
        if numbers and not flags & EXACT and not self.anything and not self.of_date:
            return 0
        return NO_SIZE if numbers else NO_CLASS


def storages(registers, row) -> int:
    """How many storage numbers a row has, from 0."""
    flags = registers.flags(row)
    if flags & HISTORY:
        return STORAGES
    return EVENTS if flags & EVENT else 1


# How far a row is from what was asked: the farther it comes the more the error says.
_ORDER = bytes((NO_VIF, NO_SUBUNIT, NO_TARIFF, NO_FUNCTION, NO_STORAGE, NO_CLASS, NO_SIZE))


def find(registers, request):
    """(rows that the request means, 0), or (no rows, the record error that says why)."""
    best = 0
    rows = []
    vif, mask = (0, 0) if request.anything else (request.vib[0], _EVERY_GROUP)
    # Most rows are passed over like that: to look at all of them takes an RP2040 25 ms.
    for row in registers.alike(vif, mask):
        if not registers.access(row) & READ or not request.same_vib(registers, row):
            continue
        failure = request.failure(registers, row)
        if failure:
            best = max(best, _ORDER.find(bytes((failure,))))
            continue
        if registers.flags(row) & EXACT:
            # The one of this data field, and none that could be put into it.
            return array("B", (row,)), 0
        rows.append(row)
    return array("B", rows), 0 if rows else _ORDER[best]
