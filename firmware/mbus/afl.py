# SPDX-License-Identifier: MIT
"""EN 13757-7: the authentication and fragmentation layer (AFL) in front of a secured telegram.

It is read in every form of the standard, for people.  One form is written and accepted:
no fragments, a message counter and a CMAC of 8 octets.
"""

from collections import namedtuple

from micropython import const

CI = 0x90
SIZE = 17  # of the accepted form, CI included
MAC_SIZE = 8

# control    FCL: which of the rest is there, and the fragment
# message    MCL: what the MAC is and covers, or None
# key        key information, or None
# counter    message counter, or None
# mac_at     the MAC is buf[mac_at:mac_at + mac_size], mac_size 0 where there is none
# length     of the whole message over all fragments, or None
# end        where the next layer begins, with its CI
Afl = namedtuple("Afl", "control message key counter mac_at mac_size length end")

_CONTROL = const(0x2C00)  # MCL, MCR and MAC of a message without fragments
_MESSAGE = const(0x25)
_HAS_MESSAGE = const(0x2000)
_HAS_LENGTH = const(0x1000)
_HAS_COUNTER = const(0x0800)
_HAS_MAC = const(0x0400)
_HAS_KEY = const(0x0200)


def put(buf, at, counter: int) -> int:
    """Write the accepted form at buf[at:] with zeros for the MAC; returns where it ends."""
    buf[at] = CI
    buf[at + 1] = SIZE - 2
    buf[at + 2] = _CONTROL & 0xFF
    buf[at + 3] = _CONTROL >> 8
    buf[at + 4] = _MESSAGE
    buf[at + 5 : at + 9] = counter.to_bytes(4, "little")
    buf[at + 9 : at + SIZE] = bytes(MAC_SIZE)
    return at + SIZE


def parse(buf, at, end):
    """The Afl that begins at buf[at], its CI; None where its lengths contradict each other."""
    after = at + 2 + (buf[at + 1] if at + 1 < end else 0)
    place = at + 4
    if place > after or after > end:
        return None
    control = buf[at + 2] | buf[at + 3] << 8
    tail = 2 if control & _HAS_LENGTH else 0
    message = key = counter = length = None
    if control & _HAS_MESSAGE:
        message = _number(buf, place, 1)
        place += 1
    if control & _HAS_KEY:
        key = _number(buf, place, 2)
        place += 2
    if control & _HAS_COUNTER:
        counter = _number(buf, place, 4)
        place += 4
    # The MAC is what the others leave: its type says how long, where the type is known.
    mac_size = after - tail - place
    if mac_size < 0 or bool(mac_size) != bool(control & _HAS_MAC):
        return None
    if tail:
        length = _number(buf, after - tail, tail)
    return Afl(control, message, key, counter, place, mac_size, length, after)


def _number(buf, at, n):
    return int.from_bytes(buf[at : at + n], "little")


def is_accepted(afl) -> bool:
    """Whether it has the one form that is accepted."""
    return (afl.control, afl.message, afl.mac_size) == (_CONTROL, _MESSAGE, MAC_SIZE)
