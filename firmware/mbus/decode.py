# SPDX-License-Identifier: MIT
"""The application layer of one telegram: its header, its records one by one, its errors.

Nothing is kept but the caller's octets: records() reads them while the caller goes along, so
a telegram of any length is decoded in the memory of one record.  Only masters and tools load
this file.
"""

from collections import namedtuple

from micropython import const

from . import vif
from .frame import DATA
from .header import LONG, SHORT, Header, parse_long, parse_short, security_mode
from .record import (
    FILLER,
    GLOBAL,
    LONG_HEAD,
    MANUFACTURER,
    MORE,
    PREMATURE_END,
    RESERVED_LENGTH,
    TOO_MANY_DIFE,
    RecordError,
    data_end,
    excess,
    head_end,
)
from .value import measure

# One record: where its DIF, its data and the next record stand in the caller's octets (dib_at
# is None for what has no head), what the head means, and the value (see value.read()).
Record = namedtuple("Record", "dib_at data_at next_at meaning value error")

_ALARM = vif.Meaning(0, 0, 0, 0, 1, "u", "alarm", "", 0, 1, None, None)

# What follows each CI: the length of the header, and then r records, e an application error,
# a an alarm, c a command's records.
_CONTENT = {
    0x51: (0, "c"),
    0x5A: (SHORT, "c"),
    0x5B: (LONG, "c"),
    0x6E: (SHORT, "e"),
    0x6F: (LONG, "e"),
    0x70: (0, "e"),
    0x71: (0, "a"),
    0x72: (LONG, "r"),
    0x74: (SHORT, "a"),
    0x75: (LONG, "a"),
    0x76: (LONG, "r"),
    0x78: (0, "r"),
    0x7A: (SHORT, "r"),
}
_SPECIAL = const(0x0F)  # the data field of the DIFs that begin no record
_LAST = (MANUFACTURER, MORE)
_FIXED = const(16)  # octets of the fixed data structure
_MODE_2 = (0x76, 0x77)  # most significant octet first

_WORDS = {
    PREMATURE_END: "the record ends before its data do",
    TOO_MANY_DIFE: "more than 10 DIFE",
    TOO_MANY_DIFE + 1: "more than 10 VIFE",
    RESERVED_LENGTH: "reserved data field or LVAR, the length is unknown",
}


class Telegram:
    """The user data buf[at:end] of a frame with this CI, taken apart as far as its header.

    header        Header, or None where the CI has none
    device_type   of the long header or the fixed structure, else None
    fixed         whether it is the fixed data structure, with a status octet of its own
    more          DIF 1Fh was met: more records follow in the next telegram
    manufacturer  (from, to) of the manufacturer's data, or None
    application_error  the code that the meter reports instead of data, or None
    errors        [(place, text)]: the place counts the frame's octets from 0
    The last four are complete when records() has come to its end.
    """

    header = device_type = manufacturer = application_error = None
    fixed = more = _mode2 = False
    _content = ""

    def __init__(self, buf, at, end, ci):
        self.buf = buf
        self.end = end
        self.ci = ci
        self.errors = []
        self._base = DATA - at
        self._at = at
        if ci in _MODE_2:
            self._mode2 = True
        self._open()

    def _fail(self, at, text):
        self.errors.append((self._base + at, text))

    def _open(self):
        at, n = self._at, self.end - self._at
        if self.ci in (0x73, 0x77) and n == _FIXED:
            from . import fixed  # meters that send it are rare by now

            self._counters = fixed.counters
            self.fixed = True
            address = bytes(self.buf[at : at + 4]) + bytes(4)
            self.header = Header(self._turned(address), self.buf[at + 4], self.buf[at + 5], 0)
            self.device_type = fixed.device_type(self.buf, at)
            return
        if self.ci not in _CONTENT:
            if self.ci is not None and 0x60 <= self.ci <= 0x9F:
                self._fail(at - 1, "CI %02X is not decoded" % self.ci)
            return
        size, content = _CONTENT[self.ci]
        if n < size:
            self._fail(at, "a header of %d octets is cut off after %d" % (size, n))
            return
        # Modes above 15 exist nowhere: meters older than encryption put a "signature" there.
        if size == LONG:
            self.header = self._long(parse_long(self.buf, at))
            self.device_type = self.header.address[7]
        elif size == SHORT:
            self.header = parse_short(self.buf, at)
        self._at += size
        mode = security_mode(self.header.configuration) if self.header else 0
        if 0 < mode < 16:
            self._fail(self._at, "encrypted in mode %d, not decoded" % mode)
            return
        self._content = content

    def _long(self, header):
        if not self._mode2:
            return header
        swapped = header.configuration >> 8 | (header.configuration & 0xFF) << 8
        return Header(self._turned(header.address), header.access, header.status, swapped)

    def _turned(self, address):
        # Mode 2 sends identification number and manufacturer the other way round.
        if not self._mode2:
            return address
        a = address
        return bytes((a[3], a[2], a[1], a[0], a[5], a[4])) + a[6:]

    def records(self, describe=vif.describe):
        """An iterator of each Record; describe is vif.describe, or one that remembers."""
        if self._content in ("r", "c"):
            return self._variable(describe, self._content == "c")
        return self._others()

    def _others(self):
        content = self._content
        if self.fixed:
            counters = self._counters(self.buf, self._at, self._mode2)
            for data_at, meaning, value, error in counters:
                yield Record(None, data_at, data_at + 4, meaning, value, error)
        elif content == "e":
            at = self._at
            code = self.buf[at] if at < self.end else 0
            self.application_error = code
            self._fail(at, "application error %02X" % code)
        elif content == "a" and self._at < self.end:
            at = self._at
            yield Record(None, at, at + 1, _ALARM, (self.buf[at], 0), None)
        elif content == "a":
            self._fail(self._at, "the alarm octet is missing")

    def _variable(self, describe, command):
        buf, at, end, mode2 = self.buf, self._at, self.end, self._mode2
        while at < end:
            if buf[at] & _SPECIAL == _SPECIAL:
                if buf[at] != FILLER:
                    self._special(at, command)
                    return
                at += 1
                continue
            try:
                data_at = head_end(buf, at, end)
                next_at = data_end(buf, at, data_at, end)
            except RecordError as e:
                self._fail(e.at, _WORDS[e.code])
                return
            code = excess(buf, at, data_at) if data_at - at >= LONG_HEAD else 0
            meaning = describe(bytes(buf[at:data_at]), command)
            if code:
                self._fail(at, _WORDS[code])
                value, error = None, _WORDS[code]
            elif mode2:
                data = _reversed(buf, data_at, next_at, meaning.field)
                value, error = measure(meaning, data, 0, len(data))
            else:
                value, error = measure(meaning, buf, data_at, next_at)
            yield Record(at, data_at, next_at, meaning, value, error)
            at = next_at

    def _special(self, at, command):
        dif = self.buf[at]
        if dif in _LAST:
            self.more = dif == MORE
            self.manufacturer = (at + 1, self.end)
        elif command and dif == GLOBAL:
            self.manufacturer = (at, self.end)
        else:
            self._fail(at, _WORDS[RESERVED_LENGTH])


def _reversed(buf, at, end, field):
    data = bytearray(buf[at:end])
    first = 1 if field == 13 else 0  # the LVAR octet stays in front
    for i in range(first, len(data)):
        data[i] = buf[end - 1 - (i - first)]
    return data
