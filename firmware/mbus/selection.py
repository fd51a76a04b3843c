# SPDX-License-Identifier: MIT
"""Selection by secondary address: does a mask mean this meter? (EN 13757-3, 11.3 and 11.5)

The mask is the 8 octets of a secondary address, with F as wildcard digit, and behind them
the records of enhanced selection.  The standard has digit wildcards in the identification
number only and whole FFh octets elsewhere.  Here each F digit is a wildcard in manufacturer,
version and device type too, for there are masters that walk through these digit by digit.
"""

from micropython import const

_ADDRESS = const(8)
_FILLER = const(0x2F)
_BCD8 = const(0x0C)
_INT8 = const(0x01)
_FABRICATION_NUMBER = const(0x78)
_IDENTIFICATION = const(0x79)
_BUS_ADDRESS = const(0x7A)
_ANY = const(0xFF)


def matches(buf, at: int, end: int, device) -> bool:
    """Whether the selection data buf[at:end] select device.

    device has identification (8 octets in wire order), serial (4 BCD octets, or None for a
    meter without fabrication number) and primary.  Records this module does not know select
    nobody, and so does a mask shorter than 8 octets.
    """
    if end - at < _ADDRESS or not _digits(buf, at, device.identification, _ADDRESS):
        return False
    at += _ADDRESS
    while at < end:
        dif = buf[at]
        if dif == _FILLER:
            at += 1
        elif dif == _BCD8 and end - at >= 6:
            vif = buf[at + 1]
            own = device.serial if vif == _FABRICATION_NUMBER else device.identification
            if vif not in (_FABRICATION_NUMBER, _IDENTIFICATION) or own is None:
                return False
            if not _digits(buf, at + 2, own, 4):
                return False
            at += 6
        elif dif == _INT8 and end - at >= 3 and buf[at + 1] == _BUS_ADDRESS:
            # Binary data: only the whole octet is a wildcard.
            if buf[at + 2] not in (_ANY, device.primary):
                return False
            at += 3
        else:
            return False
    return True


def _digits(buf, at, own, n):
    """Whether n octets at buf[at] equal own's first n, digit by digit; F stands for any."""
    for i in range(n):
        mask = buf[at + i]
        differ = mask ^ own[i]
        if differ & 0xF0 and mask & 0xF0 != 0xF0:
            return False
        if differ & 0x0F and mask & 0x0F != 0x0F:
            return False
    return True
