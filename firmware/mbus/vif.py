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
_kept = {}

_LAST = const(0x7F)
_FC = const(0x7C)
_FF = const(0x7F)


class _Head:
    """The head of one record while it is being read."""

    def __init__(self, command):
        self.command = command
        self.kind = self.unit = self.quantity = ""
        self.exponent = 0
        self.factor = 1
        self.offset = self.error = None
        self.field = 0

    def table(self, table, code):
        first, row = table.at_or_before(code)
        self.kind, _, row = row.partition(" ")
        if self.kind in "n=":
            exponent, unit, row = row.split(" ", 2)
            self.exponent = int(exponent) + (code - first if self.kind == "n" else 0)
            self.unit = "" if unit == "-" else unit.replace("_", " ")
            self.kind = "n"
        elif self.kind == "-":
            self.kind = "n"
            row = "reserved VIF %02X" % code
        elif self.kind < "a":
            self.duration(int(self.kind) + code - first)
        self.quantity = row

    def duration(self, index):
        self.unit, self.factor = viftables.DURATIONS[index]
        self.exponent = 0
        self.kind = "n"

    def qualify(self, text):
        self.quantity += ", " + text

    def moment(self, text):
        self.kind, self.unit, self.exponent, self.factor = "d", "", 0, 1
        self.qualify(text)


def remembered(head: bytes, command: bool = False) -> Meaning:
    """The same as describe(), with some of its answers kept: meters send the same heads again."""
    if command:
        return describe(head, True)
    meaning = _kept.get(head)
    if meaning is None:
        meaning = describe(head)
        if len(_kept) >= _KEPT:
            _kept.clear()
        _kept[head] = meaning
    return meaning


def describe(head: bytes, command: bool = False) -> Meaning:
    """What DIB and VIB of one record say, as they come out of record.split().

    command: the record goes from master to slave, so VIFE 00h..0Fh are object actions.
    """
    vib_at = 1
    while head[vib_at - 1] & 0x80:
        vib_at += 1
    h = _Head(command)
    h.field = head[0] & 0x0F
    at = _true_vif(h, head, vib_at)
    while at < len(head):
        at = _vife(h, head, at)
    storage, tariff, subunit = dib_values(head, 0, vib_at)
    return Meaning(
        head[0] >> 4 & 3, storage, tariff, subunit, h.field, h.kind,
        h.quantity, h.unit, h.exponent, h.factor, h.offset, h.error,
    )  # fmt: skip


def _true_vif(h, head, at):
    """Take the VIF with its table; returns where the VIFE begin."""
    code = head[at] & _LAST
    at += 1
    if code == 0x7B and at < len(head):
        h.table(viftables.FB, head[at] & _LAST)
    elif code == 0x7D and at < len(head):
        if head[at] == 0xFD and at + 1 < len(head):
            at += 1
            h.table(viftables.FD_FD, head[at] & _LAST)
        else:
            h.table(viftables.FD, head[at] & _LAST)
    else:
        h.table(viftables.PRIMARY, code)
        if code == _FC:
            return _plain_text(h, head, at - 1)
        if code == _FF and at < len(head):
            h.quantity += " " + _hex(head[at:])
            return len(head)
        return at
    return at + 1


def _plain_text(h, head, at):
    """Take the plain-text VIF at head[at]."""
    text_at, vife_at, vife_end, end = plain_text(head, at)
    n = head[text_at - 1]
    text = "".join(chr(head[i]) for i in range(text_at + n - 1, text_at - 1, -1))
    while vife_at < vife_end:
        vife_at = _vife(h, head, vife_at)
    # The text is the unit, or names what has none: the meter alone knows.
    h.unit = text + h.unit
    return end


def _vife(h, head, at):
    """Take the combinable VIFE at head[at]; returns where the next one is."""
    code = head[at] & _LAST
    at += 1
    if code == _FF:
        return _manufacturer(h, head, at)
    if code == _FC and head[at - 1] & 0x80 and at < len(head):
        code = head[at] & _LAST
        text = viftables.QUALIFIERS_FC.exact(code) or "VIFE FC %02X" % code
        if code == 0x13:
            h.moment(text)
        else:
            h.qualify(text)
        return at + 1
    if code < 0x10 and h.command:
        if code:
            h.qualify(viftables.ACTIONS.exact(code))
    elif code:
        _combine(h, code)
    return at


def _combine(h, code):
    """What a combinable VIFE other than FC and FF does to the value or its name."""
    text = viftables.QUALIFIERS.exact(code)
    if text:
        h.qualify(text)
        if code == 0x3D:
            h.unit = ""
    elif code < 0x20:
        h.error = viftables.RECORD_ERRORS.exact(code)
        container = viftables.COMPACT.exact(code)
        if container:
            h.kind = "x"
            h.qualify(container)
        elif not h.error:
            h.qualify("reserved VIFE %02X" % code)
    elif code <= 0x38:
        h.unit += viftables.PER.exact(code)
    else:
        _scaled(h, code)


def _scaled(h, code):
    """VIFE that turn the value into a moment, a duration, a count, or correct it."""
    if code == 0x39:
        h.moment("start of")
    elif code in (0x41, 0x49):
        h.kind, h.unit, h.exponent, h.factor = "u", "", 0, 1
        h.qualify("number of exceeds of %s limit" % ("upper" if code & 8 else "lower"))
    elif 0x42 <= code <= 0x4F:
        h.moment("%s of %s %s limit exceed" % (_edge(code), _turn(code), _side(code)))
    elif 0x50 <= code <= 0x5F:
        h.duration(code & 3)
        h.qualify("duration of %s %s limit exceed" % (_turn(code), _side(code)))
    elif 0x60 <= code <= 0x67:
        h.duration(code & 3)
        h.qualify("duration of %s" % _turn(code))
    elif code <= 0x6F:
        h.moment("%s of %s" % (_edge(code), _turn(code)))
    elif code <= 0x77:
        h.exponent += code - 0x76
    elif code <= 0x7B:
        h.offset = code - 0x7B
    else:
        h.exponent += 3


def _edge(code):
    return "end" if code & 1 else "begin"


def _turn(code):
    return "last" if code & 4 else "first"


def _side(code):
    return "upper" if code & 8 else "lower"


def _manufacturer(h, head, at):
    # ABB, Saia, Finder, EMU and others mark the phase of U, I, P and Q so.
    tail = head[at:]
    if h.unit in ("V", "A", "W", "var") and 1 <= len(tail) <= 2 and not any(tail[1:]):
        phase = tail[0] & _LAST
        if 1 <= phase <= 3:
            h.qualify("L%d" % phase)
            return len(head)
    h.qualify("manufacturer %s" % _hex(tail) if tail else "manufacturer")
    return len(head)


def _hex(octets):
    return hexlify(bytes(octets)).decode().upper()
