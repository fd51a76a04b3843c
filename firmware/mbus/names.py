# SPDX-License-Identifier: MIT
"""Words for the numbers of EN 13757: device types, status bits, application errors.

Only masters and tools load this file.
"""

from .table import Table

FUNCTIONS = ("instantaneous", "maximum", "minimum", "error state")

DEVICE_TYPES = Table(b"""\
00 other
01 oil
02 electricity
03 gas
04 heat (outlet)
05 steam
06 warm water
07 water
08 heat cost allocator
09 compressed air
0A cooling (outlet)
0B cooling (inlet)
0C heat (inlet)
0D heat/cooling
0E bus/system component
0F unknown
10 irrigation water
11 water data logger
12 gas data logger
13 gas converter
14 calorific value
15 hot water
16 cold water
17 dual register water
18 pressure
19 A/D converter
1A smoke alarm
1B room sensor
1C gas detector
20 breaker (electricity)
21 valve
25 customer display
28 waste water
29 garbage
2A carbon dioxide
30 service tool
31 communication controller
32 unidirectional repeater
33 bidirectional repeater
36 radio converter (system side)
37 radio converter (meter side)
38 bus converter (meter side)
""")

# EN 13757-3, table 17; from 10h on by OMS volume 2.
APPLICATION_ERRORS = Table(b"""\
00 unspecified
01 unimplemented CI
02 buffer too long, truncated
03 too many records
04 premature end of record
05 more than 10 DIFE
06 more than 10 VIFE
08 application too busy
09 too many readouts
10 access denied
11 unknown or unsupported command
12 parameter missing or wrong
13 unknown receiver address
14 decryption failed
15 encryption method not supported
16 signature method not supported
F0 dynamic application error
""")

# Bits 0 and 1 of the status octet together, then the bits from 2 on.
STATUS = ("", "application busy", "application error", "abnormal condition")
STATUS_BITS = (
    "power low",
    "permanent error",
    "temporary error",
    "manufacturer bit 5",
    "manufacturer bit 6",
    "manufacturer bit 7",
)


def device_type(code: int) -> str:
    """The name of a device type; every code not in the table is reserved."""
    return DEVICE_TYPES.exact(code) or "reserved"


def application_error(code: int) -> str:
    """The words of an application error (CI 70h)."""
    return APPLICATION_ERRORS.exact(code) or "reserved"


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
