# SPDX-License-Identifier: MIT
"""What a slave makes of the CI field of SND_UD: which it knows, which header they carry.

The link layer acknowledges whatever is sent; what comes out of here is the application
error behind it (EN 13757-3, table 17, and later editions of it).  The device does the rest.
"""

from micropython import const

from .frame import DATA
from .header import LONG, SHORT, parse_short, security_mode
from .record import FILLER, RecordError, split
from .timing import RATES

# A device's command() adds this to the code of a syntax error in a readout selection: it is
# reported in place of the next data.
REPORT = 0x100
NO_ACTION = -1  # acknowledged, and neither executed nor refused

UNKNOWN_CI = 0x01
BAD_PARAMETER = 0x12
UNKNOWN_ADDRESS = 0x13
SECURITY = 0x14

SEND = 0x51
SELECT = 0x52
SELECTIONS = b"\x52\x56"  # in both octet orders
RESETS = b"\x50\x53"

_SYNCHRONISE_OLD = const(0x54)
_SEND_SHORT = const(0x5A)
_FIRST_BAUD = const(0xB8)
_LAST_BAUD = const(0xBF)  # in the order of RATES

# Application reset, data, synchronise, set clock, shift clock.
_KNOWN = b"\x50\x51\x53\x5a\x5b\x5c\x6c\x6d"
_SECURED = const(0x90)  # the AFL in front of a secured command
_WITH_HEADER = b"\x53\x5a\x5b\x6c\x6d"
_RECORDS = b"\x51\x5a\x5b"

# Records all slaves may obey at once: the clock, and freezing to storage 1.  Anything else
# by broadcast could give every meter the same address, or open every breaker.
_FOR_ALL = (
    b"\x04\x6d",
    b"\x06\x6d",
    b"\x02\x6c",
    b"\x03\x6d",
    b"\x03\xed\x01",
    b"\x03\xed\x02",
    b"\x40\xfe\x0b",
)


def restarts_readout(ci: int) -> bool:
    """Whether such a command, obeyed or refused, makes the next readout begin anew."""
    return ci in _KNOWN or ci == _SECURED


def rate_of(parser) -> int:
    """The baud rate that the SND_UD in parser wants the slave to talk at, or 0.

    Such a telegram carries nothing behind its CI field.
    """
    if _FIRST_BAUD <= parser.ci <= _LAST_BAUD and parser.end == DATA:
        return RATES[parser.ci - _FIRST_BAUD]
    return 0


def device_ci(ci: int) -> int:
    """A CI field as it is handed to a device: all that carry records are one."""
    return SEND if ci in _RECORDS else ci


def records_of(parser):
    """(CI as a device gets it, where the records begin) of the clear SND_UD in parser."""
    return device_ci(parser.ci), DATA + _header_size(parser.ci)


def execute(parser, device, now: int) -> int:
    """Obey the SND_UD that parser holds: 0, an application error, or NO_ACTION.

    device.command(ci, buf, at, end, now) gets the records as CI 51h whatever header they had, and
    the synchronise and clock commands under their own CI; device.application(sub) gets the
    application reset.  Both return an application error or 0.
    """
    ci = parser.ci
    if _FIRST_BAUD <= ci <= _LAST_BAUD:
        # The link's business, and too late for an error where there is another rate.
        return NO_ACTION if parser.end == DATA else BAD_PARAMETER
    if ci == _SYNCHRONISE_OLD:
        return NO_ACTION
    if ci not in _KNOWN:
        # The AFL comes before secured commands only, and there is no key.
        return SECURITY if ci == _SECURED else UNKNOWN_CI
    code = _header_error(parser, device)
    if code:
        return code
    buf, at, end = parser.buf, DATA + _header_size(ci), parser.end
    if ci in RESETS:
        return device.application(buf[at] if at < end else 0)
    return device.command(device_ci(ci), buf, at, end, now)


def for_all(parser, device) -> bool:
    """Whether a broadcast command may be obeyed; if not it is as if it had never been sent."""
    ci = parser.ci
    if rate_of(parser):
        return True
    if ci not in _KNOWN or _header_error(parser, device):
        return False
    if ci not in _RECORDS:
        return True
    buf, at, end = parser.buf, DATA + _header_size(ci), parser.end
    try:
        while at < end:
            if buf[at] == FILLER:
                at += 1
                continue
            _, data_at, next_at, code = split(buf, at, end)
            head = bytes(buf[at:data_at])
            if code or (head not in _FOR_ALL and head not in device.for_all):
                return False
            at = next_at
    except RecordError:
        return False
    return True


def _header_size(ci):
    if ci not in _WITH_HEADER:
        return 0
    return SHORT if ci == _SEND_SHORT else LONG


def _header_error(parser, device):
    """What is wrong with the header of the command: an application error, or 0."""
    size = _header_size(parser.ci)
    if not size:
        return 0
    buf = parser.buf
    if parser.end - DATA < size:
        return BAD_PARAMETER
    if security_mode(parse_short(buf, DATA + size - SHORT).configuration):
        return SECURITY
    if size == LONG and buf[DATA : DATA + 8] != device.identification:
        return UNKNOWN_ADDRESS
    return 0
