# SPDX-License-Identifier: MIT
"""A master's line with one strict meter on it, and the faults that may befall an answer."""

from binascii import unhexlify

from fakeline import FakeLine, FakeMeter

SECONDARY = unhexlify("785634120D170102")
OTHER = unhexlify("795634120D170102")
ONE = (b"\x01\x13\x05",)
THREE = (b"\x01\x13\x05\x1f", b"\x01\x13\x06\x1f", b"\x01\x13\x07")

NKE5 = "1040054516"
SELECT = "680B0B6853FD52785634120D170102" + "D916"


def lost(octets):
    """The answer does not arrive."""
    return b""


def flipped(octets):
    """One octet is damaged; E5h becomes something else."""
    middle = len(octets) // 2
    return octets[:middle] + bytes([octets[middle] ^ 1]) + octets[middle + 1 :]


def cut(octets):
    """The end is missing; of E5h nothing remains but a start octet."""
    return octets[:-1] or b"\x68"


def doubled(octets):
    """One octet comes twice."""
    return octets[:6] + octets[5:] if len(octets) > 6 else octets + b"\x68"


FAULTS = (lost, flipped, cut, doubled)


def meter(**kw):
    """The meter at primary address 5, and what is on its line."""
    return FakeLine([FakeMeter(SECONDARY, 5, **kw)])


def requests(line):
    """The C and A fields of the short frames sent, two digits each."""
    return [t[2:6] for t in line.sent() if t[:2] == "10"]
