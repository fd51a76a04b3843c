# SPDX-License-Identifier: MIT
"""The meter status register (04 FD 17), and what of it the header of each answer shows."""

from micropython import const

INTERNAL_ERROR = 1 << 0
CHECKSUM = 1 << 1
PHASE_MISSING = 1 << 4  # L1, and the next two bits L2 and L3
BREAKER_OPEN = 1 << 10
BREAKER_FAULT = 1 << 11
EXCEEDED = 1 << 12
CLOCK_INVALID = 1 << 13
BATTERY_LOW = 1 << 14
EXHAUSTED = 1 << 15
CONFIGURATION_CHANGED = 1 << 17  # until the next application reset
LOAD_PROFILE = 1 << 19  # the values are those of an emulated household
SAMPLED = 1 << 20  # pulses are counted by software: 5 a second, no more

_LASTING = const(0x0803)  # internal error, checksum, breaker fault
_PASSING = const(0x103FC)  # tamper to under-voltage, meter lost
_POWER_LOW = const(0x04)
_PERMANENT = const(0x08)
_TEMPORARY = const(0x10)
_SUPPLY_OFF = const(0x20)
_NO_TIME = const(0x40)
_CHANGED = const(0x80)


def header_status(status: int) -> int:
    """Bits 2 to 7 of the header's status octet (EN 13757-3, 5.7; 5 to 7 are our own)."""
    octet = _POWER_LOW if status & BATTERY_LOW else 0
    octet |= _PERMANENT if status & _LASTING else 0
    octet |= _TEMPORARY if status & _PASSING else 0
    octet |= _SUPPLY_OFF if status & BREAKER_OPEN else 0
    octet |= _NO_TIME if status & CLOCK_INVALID else 0
    return octet | _CHANGED if status & CONFIGURATION_CHANGED else octet
