# SPDX-License-Identifier: MIT
"""Words for the numbers of EN 13757: device types, status bits, application errors.

Only masters and tools load this file.
"""

# fmt: off
FUNCTIONS = ("instantaneous", "maximum", "minimum", "error state")

DEVICE_TYPES = {
    0x00: "other", 0x01: "oil", 0x02: "electricity", 0x03: "gas", 0x04: "heat (outlet)",
    0x05: "steam", 0x06: "warm water", 0x07: "water", 0x08: "heat cost allocator",
    0x09: "compressed air", 0x0A: "cooling (outlet)", 0x0B: "cooling (inlet)",
    0x0C: "heat (inlet)", 0x0D: "heat/cooling", 0x0E: "bus/system component",
    0x0F: "unknown", 0x10: "irrigation water", 0x11: "water data logger",
    0x12: "gas data logger", 0x13: "gas converter", 0x14: "calorific value",
    0x15: "hot water", 0x16: "cold water", 0x17: "dual register water", 0x18: "pressure",
    0x19: "A/D converter", 0x1A: "smoke alarm", 0x1B: "room sensor", 0x1C: "gas detector",
    0x20: "breaker (electricity)", 0x21: "valve", 0x25: "customer display",
    0x28: "waste water", 0x29: "garbage", 0x2A: "carbon dioxide", 0x30: "service tool",
    0x31: "communication controller", 0x32: "unidirectional repeater",
    0x33: "bidirectional repeater", 0x36: "radio converter (system side)",
    0x37: "radio converter (meter side)", 0x38: "bus converter (meter side)",
}

# EN 13757-3, table 17; from 10h on by OMS volume 2.
APPLICATION_ERRORS = {
    0x00: "unspecified", 0x01: "unimplemented CI", 0x02: "buffer too long, truncated",
    0x03: "too many records", 0x04: "premature end of record", 0x05: "more than 10 DIFE",
    0x06: "more than 10 VIFE", 0x08: "application too busy", 0x09: "too many readouts",
    0x10: "access denied", 0x11: "unknown or unsupported command",
    0x12: "parameter missing or wrong", 0x13: "unknown receiver address",
    0x14: "decryption failed", 0x15: "encryption method not supported",
    0x16: "signature method not supported", 0xF0: "dynamic application error",
}

# Bits 0 and 1 of the status octet together, then the bits from 2 on.
STATUS = ("", "application busy", "application error", "abnormal condition")
STATUS_BITS = (
    "power low", "permanent error", "temporary error", "manufacturer bit 5",
    "manufacturer bit 6", "manufacturer bit 7",
)
# fmt: on


def device_type(code: int) -> str:
    """The name of a device type; every code not in the table is reserved."""
    return DEVICE_TYPES.get(code, "reserved")


def application_error(code: int) -> str:
    """The words of an application error (CI 70h)."""
    return APPLICATION_ERRORS.get(code, "reserved")


def status_flags(status: int) -> list:
    """The names of what is set in a status octet (EN 13757-7, table 16)."""
    flags = [STATUS[status & 3]] if status & 3 else []
    for i, name in enumerate(STATUS_BITS):
        if status >> (i + 2) & 1:
            flags.append(name)
    return flags


def fixed_status_flags(status: int) -> list:
    """The same for the status octet of the fixed data structure, where bits 0 and 1 differ."""
    flags = ["binary counters"] if status & 1 else []
    if status & 2:
        flags.append("stored at fixed date")
    return flags + status_flags(status & 0xFC)
