# SPDX-License-Identifier: MIT
"""Times on the line, in milliseconds, from a baud rate (EN 13757-2, 5.5 and 5.7).

Times are integer ticks that wrap at 2**30 as MicroPython's do, of milliseconds or of
microseconds: never compare two of them, take elapsed().
"""

from micropython import const

# Every rate there is, in the order of CI B8h to BFh.
RATES = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400)

_WRAP = const(0x3FFFFFFF)
_CHARACTER_BITS = const(11)
_GATEWAY_MS = const(20)  # gateways chop frames
# Octets are seen when they end, 11 bit times behind their start bit.  A little less, so
# that a new telegram 33 bit times behind a broken one is not taken for its continuation.
_UNSEEN_BITS = const(8)


def elapsed(now: int, since: int) -> int:
    """The ticks from since to now, right across their wrap."""
    return (now - since) & _WRAP


def bits_ms(bits: int, baud: int) -> int:
    """So many bit times in milliseconds, rounded up."""
    return -(-bits * 1000 // baud)


def bits_us(bits: int, baud: int) -> int:
    """The same in microseconds."""
    return -(-bits * 1_000_000 // baud)


def octets_ms(octets: int, baud: int) -> int:
    """How long so many characters of 8E1 take, rounded up."""
    return bits_ms(octets * _CHARACTER_BITS, baud)


def reply_max_ms(baud: int) -> int:
    """A reply begins no later than 330 bit times + 50 ms after the request, rounded down."""
    return 330 * 1000 // baud + 50


def idle_ms(baud: int) -> int:
    """The line counts as idle after 33 bit times without a start bit."""
    return bits_ms(33, baud)


def abort_ms(baud: int) -> int:
    """A telegram whose next octet has not come after so long will not be completed."""
    return max(idle_ms(baud), _GATEWAY_MS) + bits_ms(_UNSEEN_BITS, baud)
