# SPDX-License-Identifier: MIT
"""What the head of a record (DIB and VIB) says: quantity, unit, power of ten, tariff and so on.

The tables are in viftables.py.  Only masters and tools load this file.
"""

from binascii import hexlify
from collections import namedtuple

from micropython import const

from . import viftables
from .record import dib_values, plain_text

# function 0 instantaneous, 1 maximum, 2 minimum, 3 in error state; field is the data field;
# a number is worth (mantissa * factor) * 10**exponent of the unit, plus 10**offset where
# that is not None; error names a record error.
Meaning = namedtuple(
    "Meaning",
    "function storage tariff subunit field kind quantity unit exponent factor offset error",
)

_KEPT = const(48)
_VIBS = const(24)

_LAST = const(0x7F)
_FC = const(0x7C)
_FF = const(0x7F)

# The fields of a Meaning while they are being made: a list, which is quicker to change than
# attributes.  The quantity is octets as long as more may come to it: for each new text
# MicroPython looks among all the names that it knows.
_FUNCTION = const(0)
_STORAGE = const(1)
_TARIFF = const(2)
_SUBUNIT = const(3)
_FIELD = const(4)
_KIND = const(5)
_QUANTITY = const(6)
_UNIT = const(7)
_EXPONENT = const(8)
_FACTOR = const(9)
_OFFSET = const(10)
_ERROR = const(11)
_BLANK = [0, 0, 0, 0, 0, "n", b"", "", 0, 1, None, None]

# The first octet of a row, see viftables.py.
_RISING = const(0x6E)  # n
_RESERVED = const(0x2D)  # -
_MINUS = const(0x2D)
_CAPITALS = const(0x41)  # A is the first unit
_SMALL = const(0x61 - 26)  # and a the one behind Z
_LETTERS = const(0x61)  # from here on kinds of value.py, below digits
_KINDS = {ord(kind): kind for kind in ("a", "d", "l", "u", "x")}


def _room(n):
    """A dict with its size from the beginning: one that grows is sorted in anew each time."""
    return dict.fromkeys((b"",) * n)


_kept = _room(60)  # {head: Meaning}
_vibs = _room(32)  # {VIB: what _said() says}, for heads often differ in the DIB alone


def remembered(head: bytes, command: bool = False) -> Meaning:
    """The same as describe(), with some of its answers kept: meters send the same heads again."""
    if command:
        return describe(head, True)
    meaning = _kept.get(head)
    if meaning is None:
        if len(_kept) > _KEPT:
            _kept.clear()
        meaning = _kept[head] = describe(head)
    return meaning


def describe(head: bytes, command: bool = False) -> Meaning:
    """What DIB and VIB of one record say, as they come out of record.split().

    command: the record goes from master to slave, so VIFE 00h..0Fh are object actions.
    """
    at = 1
    while head[at - 1] & 0x80:
        at += 1
    vib = head[at:]
    m = None if command else _vibs.get(vib)
    if m is None:
        m = _said(vib, command)
        if not command:
            if len(_vibs) > _VIBS:
                _vibs.clear()
            _vibs[vib] = m
    dif = head[0]
    m[_FUNCTION] = dif >> 4 & 3
    m[_FIELD] = dif & 0x0F
    if at > 1:
        m[_STORAGE], m[_TARIFF], m[_SUBUNIT] = dib_values(head, 0, at)
    else:
        m[_STORAGE] = dif >> 6 & 1
        m[_TARIFF] = m[_SUBUNIT] = 0
    return Meaning(*m)


def _said(vib, command):
    """What a VIB says, as a list of the fields of a Meaning, those of the DIB blank."""
    m = _BLANK[:]
    at = _true_vif(m, vib, 0, command)
    while at < len(vib):
        at = _vife(m, vib, at, command)
    m[_QUANTITY] = m[_QUANTITY].decode()
    return m


def _take(m, table, code):
    """Take what the row of a VIF says."""
    first, row = table.at_or_before(code)
    kind = row[0]
    if kind in b"n=":
        m[_QUANTITY] = row[6:]
        m[_UNIT] = viftables.UNITS[row[4] - (_CAPITALS if row[4] < _LETTERS else _SMALL)]
        m[_EXPONENT] = row[2] - 0x30
        if row[1] == _MINUS:
            m[_EXPONENT] = 0x30 - row[2]
        if kind == _RISING:
            m[_EXPONENT] += code - first
        return
    if kind == _RESERVED:
        m[_QUANTITY] = b"reserved VIF %02X" % code
        return
    m[_QUANTITY] = row[2:]
    if kind >= _LETTERS:
        m[_KIND] = _KINDS[kind]
    else:
        _duration(m, kind - 0x30 + code - first)


def _duration(m, index):
    m[_UNIT], m[_FACTOR] = viftables.DURATIONS[index]
    m[_EXPONENT] = 0
    m[_KIND] = "n"


def _qualify(m, text):
    m[_QUANTITY] += b", " + text


def _moment(m, text):
    m[_KIND], m[_UNIT], m[_EXPONENT], m[_FACTOR] = "d", "", 0, 1
    _qualify(m, text)


def _true_vif(m, head, at, command):
    """Take the VIF with its table; returns where the VIFE begin."""
    code = head[at] & _LAST
    at += 1
    if code == 0x7B and at < len(head):
        _take(m, viftables.FB, head[at] & _LAST)
    elif code == 0x7D and at < len(head):
        if head[at] == 0xFD and at + 1 < len(head):
            at += 1
            _take(m, viftables.FD_FD, head[at] & _LAST)
        else:
            _take(m, viftables.FD, head[at] & _LAST)
    else:
        _take(m, viftables.PRIMARY, code)
        if code == _FC:
            return _plain_text(m, head, at - 1, command)
        if code == _FF and at < len(head):
            m[_QUANTITY] = b"%s %s" % (m[_QUANTITY], _hex(head[at:]))
            return len(head)
        return at
    return at + 1


def _plain_text(m, head, at, command):
    """Take the plain-text VIF at head[at]."""
    text_at, vife_at, vife_end, end = plain_text(head, at)
    n = head[text_at - 1]
    text = "".join(chr(head[i]) for i in range(text_at + n - 1, text_at - 1, -1))
    while vife_at < vife_end:
        vife_at = _vife(m, head, vife_at, command)
    # The text is the unit, or names what has none: the meter alone knows.
    m[_UNIT] = text + m[_UNIT]
    return end


def _vife(m, head, at, command):
    """Take the combinable VIFE at head[at]; returns where the next one is."""
    code = head[at] & _LAST
    at += 1
    if code == _FF:
        return _manufacturer(m, head, at)
    if code == _FC and head[at - 1] & 0x80 and at < len(head):
        code = head[at] & _LAST
        text = viftables.QUALIFIERS_FC.octets(code) or b"VIFE FC %02X" % code
        if code == 0x13:
            _moment(m, text)
        else:
            _qualify(m, text)
        return at + 1
    if code < 0x10 and command:
        if code:
            _qualify(m, viftables.ACTIONS.octets(code))
    elif code:
        _combine(m, code)
    return at


def _combine(m, code):
    """What a combinable VIFE other than FC and FF does to the value or its name."""
    text = viftables.QUALIFIERS.octets(code)
    if text:
        _qualify(m, text)
        if code == 0x3D:
            m[_UNIT] = ""
    elif code < 0x20:
        m[_ERROR] = viftables.RECORD_ERRORS.exact(code)
        container = viftables.COMPACT.octets(code)
        if container:
            m[_KIND] = "x"
            _qualify(m, container)
        elif not m[_ERROR]:
            _qualify(m, b"reserved VIFE %02X" % code)
    elif code <= 0x38:
        m[_UNIT] += viftables.PER.exact(code)
    else:
        _scaled(m, code)


def _scaled(m, code):
    """VIFE that turn the value into a moment, a duration, a count, or correct it."""
    if code == 0x39:
        _moment(m, b"start of")
    elif code in (0x41, 0x49):
        m[_KIND], m[_UNIT], m[_EXPONENT], m[_FACTOR] = "u", "", 0, 1
        _qualify(m, b"number of exceeds of %s limit" % _side(code))
    elif 0x42 <= code <= 0x4F:
        _moment(m, b"%s of %s %s limit exceed" % (_edge(code), _turn(code), _side(code)))
    elif 0x50 <= code <= 0x5F:
        _duration(m, code & 3)
        _qualify(m, b"duration of %s %s limit exceed" % (_turn(code), _side(code)))
    elif 0x60 <= code <= 0x67:
        _duration(m, code & 3)
        _qualify(m, b"duration of %s" % _turn(code))
    elif code <= 0x6F:
        _moment(m, b"%s of %s" % (_edge(code), _turn(code)))
    elif code <= 0x77:
        m[_EXPONENT] += code - 0x76
    elif code <= 0x7B:
        m[_OFFSET] = code - 0x7B
    else:
        m[_EXPONENT] += 3


def _edge(code):
    return b"end" if code & 1 else b"begin"


def _turn(code):
    return b"last" if code & 4 else b"first"


def _side(code):
    return b"upper" if code & 8 else b"lower"


def _manufacturer(m, head, at):
    # ABB, Saia, Finder, EMU and others mark the phase of U, I, P and Q so.
    tail = head[at:]
    if m[_UNIT] in ("V", "A", "W", "var") and 1 <= len(tail) <= 2 and not any(tail[1:]):
        phase = tail[0] & _LAST
        if 1 <= phase <= 3:
            _qualify(m, b"L%d" % phase)
            return len(head)
    _qualify(m, b"manufacturer %s" % _hex(tail) if tail else b"manufacturer")
    return len(head)


def _hex(octets):
    return hexlify(bytes(octets)).upper()
