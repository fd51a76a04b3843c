# SPDX-License-Identifier: MIT
"""Data octets of what an integer is not: texts and numbers of LVAR, reals (EN 13757-3, annex A).

The counterpart of value.py; record.put() takes what these return as it is.  Dates are in
date.py, integers and BCD of a fixed length in record.put() itself.
"""

from micropython import const

_MAX_TEXT = const(0xBF)
_BCD = const(0xC0)
_NEGATIVE_BCD = const(0xD0)
_MAX_BCD = const(9)  # octets
_BINARY = const(0xE0)
_LONG_BINARY = ((16, 0xF0), (20, 0xF1), (24, 0xF2), (28, 0xF3), (32, 0xF4), (48, 0xF5), (64, 0xF6))


def text(value: str) -> bytes:
    """LVAR text of at most 191 characters of ISO 8859-1, the last one first."""
    if len(value) > _MAX_TEXT:
        raise ValueError("a text of %d characters, at most 191 fit" % len(value))
    octets = bytearray((len(value),))
    for i in range(len(value) - 1, -1, -1):
        code = ord(value[i])
        if code > 0xFF:
            raise ValueError("%r is not in ISO 8859-1" % value[i])
        octets.append(code)
    return bytes(octets)


def bcd(value: int) -> bytes:
    """LVAR BCD of either sign, at most 18 digits."""
    sign = _NEGATIVE_BCD if value < 0 else _BCD
    rest = -value if value < 0 else value
    octets = bytearray((sign,))
    while rest:
        octets.append(rest % 100 // 10 << 4 | rest % 10)
        rest //= 100
    if len(octets) > _MAX_BCD + 1:
        raise ValueError("%d has more than 18 digits" % value)
    octets[0] = sign + len(octets) - 1
    return bytes(octets)


def binary(data) -> bytes:
    """LVAR binary: octets in wire order, filled up with zeros to a length that LVAR has."""
    n = len(data)
    if n <= 15:
        return bytes((_BINARY + n,)) + bytes(data)
    for size, lvar in _LONG_BINARY:
        if n <= size:
            return bytes((lvar,)) + bytes(data) + bytes(size - n)
    raise ValueError("%d octets, at most 64 fit" % n)


def real32(mantissa: int, exponent: int) -> bytes:
    """The four octets of the IEEE 754 single that is nearest to mantissa * 10**exponent.

    Integer arithmetic only; half way goes to even.  ValueError beyond the greatest real.
    """
    sign = 0x80000000 if mantissa < 0 else 0
    numerator, denominator = abs(mantissa), 1
    if exponent >= 0:
        numerator *= 10**exponent
    else:
        denominator = 10**-exponent
    # The power that leaves 24 bits in front of the point; subnormal reals have fewer.
    power = max(_bits(numerator) - _bits(denominator) - 24, -149)
    if numerator << max(-power, 0) >= denominator << (max(power, 0) + 24):
        power += 1
    fraction = _nearest(numerator << max(-power, 0), denominator << max(power, 0))
    if fraction >> 24:
        fraction >>= 1
        power += 1
    bits = fraction if fraction < 0x800000 else fraction & 0x7FFFFF | (power + 150) << 23
    if bits >= 0x7F800000:
        raise ValueError("%d * 10**%d is beyond every real32" % (mantissa, exponent))
    return (bits | sign).to_bytes(4, "little")


def _bits(n):
    count = 0
    while n:
        n >>= 1
        count += 1
    return count


def _nearest(numerator, denominator):
    whole, rest = divmod(numerator, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and whole & 1):
        whole += 1
    return whole
