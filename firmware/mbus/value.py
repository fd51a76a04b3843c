# SPDX-License-Identifier: MIT
"""What the data octets of a record are worth (EN 13757-3, table 4 and annex A).

A number is a pair (mantissa, exponent): mantissa * 10**exponent, both integers, so nothing
is ever rounded on the way.  What octets mean depends on the data field of the DIF and on the
kind of the VIF:

    n  a signed number        u  an unsigned number or bit field
    d  a date, a time or both, by its length
    a  a secondary address of 8 octets
    l  three letters of a manufacturer in 2 octets
    x  octets without a meaning of their own, as hexadecimal digits
"""

from binascii import hexlify

from . import datetext
from .header import manufacturer_text, secondary_text
from .record import lvar_length


def read(buf, at, end, field, kind):
    """(value, error) of the octets buf[at:end] under a data field 0..15 and a kind.

    The value is a pair (mantissa, exponent), a text, or None where there is none.
    """
    if field == 13:
        return _lvar(buf, at, end, kind)
    if at == end:
        return None, None
    if kind == "d":
        return _moment(buf, at, end)
    if kind == "x":
        return hexlify(bytes(buf[at:end])).decode(), None
    if kind == "a" and end - at == 8:
        return secondary_text(buf[at:end]), None
    number = int.from_bytes(buf[at:end], "little")
    if field > 8:
        return _bcd(number, 2 * (end - at))
    if field == 5:
        return real32(number)
    if kind == "l" and end - at == 2:
        return manufacturer_text(number), None
    if kind != "u" and buf[end - 1] & 0x80:
        return _negative(number, 8 * (end - at))
    return (number, 0), None


def measure(meaning, buf, at, end):
    """(value, error) of the data octets buf[at:end] under a vif.Meaning.

    A number is a pair (mantissa, exponent) in the meaning's unit; see read().
    """
    if meaning.error:
        return None, meaning.error
    whole = meaning.kind == "n" and 0 < meaning.field < 5 and meaning.offset is None
    if whole and buf[end - 1] < 0x80:
        # Most values: as few steps as can be.
        number = int.from_bytes(buf[at:end], "little")
        return (number * meaning.factor, meaning.exponent), None
    found = read(buf, at, end, meaning.field, meaning.kind)
    if type(found[0]) is not tuple:
        return found
    if meaning.offset is not None:
        return _corrected(meaning, found[0][0] * meaning.factor, found[0][1]), found[1]
    return (found[0][0] * meaning.factor, found[0][1] + meaning.exponent), found[1]


def _corrected(meaning, mantissa, exponent):
    exponent += meaning.exponent
    low = min(exponent, meaning.offset)
    return mantissa * 10 ** (exponent - low) + 10 ** (meaning.offset - low), low


def _negative(number, bits):
    # Type B: the most negative value stands for "none" since the edition of 2013.
    if number == 1 << bits - 1:
        return None, "no value (the most negative integer)"
    return (number - (1 << bits), 0), None


def _bcd(number, digits):
    shift = 4 * digits - 4
    if number >> shift == 0x0F:
        return _digits(number, digits, -1, 0x0F << shift)
    return _digits(number, digits)


def _lvar(buf, at, end, kind):
    if at == end:
        return None, None
    lvar = buf[at]
    at += 1
    if lvar < 0xC0:
        # Last character first.  ISO 8859-1 is the beginning of Unicode.
        return "".join(chr(buf[i]) for i in range(end - 1, at - 1, -1)), None
    if kind == "d":
        return None, "date of type M is not decoded"
    number = int.from_bytes(buf[at:end], "little")
    if lvar < 0xE0:
        if at == end:
            return (0, 0), None
        # The sign is in the LVAR: here F is an error like any other letter.
        return _digits(number, 2 * lvar_length(lvar), 1 if lvar < 0xD0 else -1)
    if kind == "x":
        return hexlify(bytes(buf[at:end])).decode(), None
    return (number, 0), None


def _digits(number, digits, sign=1, minus=0):
    """BCD octets taken as one number; minus is the part of it that is a sign digit."""
    found = _bcd_number(number - minus, digits // 2)
    if found is None:
        return None, "no BCD number (%0*X)" % (digits, number)
    return (sign * found, 0), None


def _bcd_number(number, octets):
    try:
        return int(hexlify(number.to_bytes(octets, "big")))
    except ValueError:
        return None


def _moment(buf, at, end):
    n = end - at
    if n == 2:
        return datetext.parse_g(buf, at)
    if n == 3:
        return datetext.parse_j(buf, at)
    if n == 4:
        return datetext.parse_f(buf, at)
    if n == 6:
        return datetext.parse_i(buf, at)
    return None, "no date has %d octets" % n


def real32(bits: int):
    """(value, error) of an IEEE 754 single: the shortest decimal that means just this real.

    Integer arithmetic only, for a device's own floats may have 32 bits and round again.
    """
    fraction, biased = bits & 0x7FFFFF, bits >> 23 & 0xFF
    if biased == 255:
        return None, "not a number" if fraction else "infinite"
    if not bits & 0x7FFFFFFF:
        return (0, 0), None
    if biased:
        fraction |= 0x800000
    power = (biased or 1) - 150
    # Twice the real and half its distance to a neighbour, as numerator over denominator.
    above = below = 1
    scale = 2
    if fraction == 0x800000 and biased > 1:
        above, scale = 2, 4  # below a power of two the reals lie twice as close
    numerator, denominator = scale * fraction, scale
    if power >= 0:
        numerator <<= power
        above <<= power
        below <<= power
    else:
        denominator <<= -power
    mantissa, exponent = _shortest(numerator, denominator, below, above, not fraction & 1)
    return (-mantissa if bits >> 31 else mantissa, exponent), None


def _shortest(numerator, denominator, below, above, even):
    """Fewest digits m, e with m * 10**e nearest in [n - below, n + above] / denominator."""
    exponent = len(str(numerator)) - len(str(denominator)) + 1  # above the first digit
    while True:
        # One more digit each time round, until the decimal falls into the interval.
        exponent -= 1
        if exponent >= 0:
            step, n, low, high = denominator * 10**exponent, numerator, below, above
        else:
            ten = 10**-exponent
            step, n, low, high = denominator, numerator * ten, below * ten, above * ten
        mantissa = (2 * n + step) // (2 * step)
        off = mantissa * step - n
        if -low < off < high or (even and off in (-low, high)):
            return mantissa, exponent


def decimal(mantissa: int, exponent: int) -> str:
    """mantissa * 10**exponent in digits, exactly; a JSON number (never with an E)."""
    if exponent >= 0:
        return str(mantissa * 10**exponent)
    if mantissa < 0:
        return "-" + decimal(-mantissa, exponent)
    ten = 10**-exponent
    return "%d.%0*d" % (mantissa // ten, -exponent, mantissa % ten)
