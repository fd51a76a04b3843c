# SPDX-License-Identifier: MIT
"""EN 13757-7 headers: the long one of 12 octets, the short one of 4, and what is in them.

A secondary address is kept as the 8 octets of the wire: identification number (BCD, least
significant octet first), manufacturer (2, least significant first), version, device type.
People write it with the identification number in reading order: 123456780D170102.
"""

from binascii import hexlify, unhexlify
from collections import namedtuple

LONG = 12
SHORT = 4

Header = namedtuple("Header", ("address", "access", "status", "configuration"))


def put_long(buf, at, address, access, status, configuration=0):
    """Write a long header at buf[at:]; address is the 8 octets.  Returns where it ends."""
    buf[at : at + 8] = address
    return put_short(buf, at + 8, access, status, configuration)


def put_short(buf, at, access, status, configuration=0):
    """Write a short header at buf[at:]; returns where it ends."""
    buf[at] = access
    buf[at + 1] = status
    buf[at + 2] = configuration & 0xFF
    buf[at + 3] = configuration >> 8
    return at + 4


def parse_long(buf, at) -> Header:
    """The long header at buf[at:at + 12]; the address is a copy."""
    configuration = buf[at + 10] | buf[at + 11] << 8
    return Header(bytes(buf[at : at + 8]), buf[at + 8], buf[at + 9], configuration)


def parse_short(buf, at) -> Header:
    """The short header at buf[at:at + 4]; it has no address."""
    return Header(None, buf[at], buf[at + 1], buf[at + 2] | buf[at + 3] << 8)


def security_mode(configuration: int) -> int:
    """Bits 12..8 of the configuration field: 0 is not encrypted (EN 13757-7, table 19)."""
    return configuration >> 8 & 0x1F


def manufacturer_code(text: str) -> int:
    """Three capital letters as the 16-bit code: EXM -> 170Dh.  ValueError for anything else."""
    if len(text) != 3 or not all("A" <= letter <= "Z" for letter in text):
        raise ValueError("manufacturer %r is not three capital letters A to Z" % text)
    code = 0
    for letter in text:
        code = code << 5 | ord(letter) - 64
    return code


def manufacturer_text(code: int) -> str:
    """The three letters of a code, or its four hexadecimal digits where it has none."""
    letters = (code >> 10 & 0x1F, code >> 5 & 0x1F, code & 0x1F)
    if code & 0x8000 or not all(1 <= letter <= 26 for letter in letters):
        return "%04X" % code
    return "".join(chr(64 + letter) for letter in letters)


def identification_text(octets) -> str:
    """The eight digits of an identification number from its first four wire octets."""
    return "%02X%02X%02X%02X" % (octets[3], octets[2], octets[1], octets[0])


def secondary_text(octets) -> str:
    """The 16 digits people write, from the 8 octets of the wire."""
    return identification_text(octets) + hexlify(octets[4:8]).decode().upper()


def secondary_octets(text: str) -> bytes:
    """The 8 octets of the wire from 16 hexadecimal digits; F is the wildcard digit."""
    if len(text) != 16:
        raise ValueError(
            "secondary address %r has %d digits; it needs 16, such as 12345678FFFFFFFF"
            % (text, len(text))
        )
    try:
        octets = unhexlify(text)
    except ValueError:
        raise ValueError("secondary address %r holds other than hexadecimal digits" % text)
    return bytes((octets[3], octets[2], octets[1], octets[0])) + octets[4:]
