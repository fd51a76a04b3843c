# SPDX-License-Identifier: MIT
"""EN 13757-3 data records: where DIB, VIB and data of one record lie, and writing one.

What a VIF means is not known here (vif.py), nor what data octets are worth (value.py).

MicroPython keeps the names of a function and the stack of its expressions on the C stack as
long as they are 11 words at most, an exception that it catches taken for 3.  Else each call
takes heap, which a search may have to find.  So what is called for each record, here, in vif.py
and in value.py, has few names.
"""

from micropython import const

# Special DIFs: no record begins with them (EN 13757-3, table 3).
MANUFACTURER = 0x0F  # manufacturer data up to the end of the telegram
MORE = 0x1F  # the same, and more records follow in the next telegram
FILLER = 0x2F
GLOBAL = 0x7F  # readout of everything, master to slave

# Application errors that split() can find (EN 13757-3, table 17).
PREMATURE_END = 4
TOO_MANY_DIFE = 5
TOO_MANY_VIFE = 6
# Not of the standard: a data field or LVAR whose length nobody can know.
RESERVED_LENGTH = 0x100

_MAX_EXTENSIONS = const(10)
LONG_HEAD = _MAX_EXTENSIONS + 3  # octets of a head that can have too many DIFE or VIFE

_EXTENSION = const(0x80)
_LVAR = const(0x0D)
_SPECIAL = const(0x0F)
_PLAIN_TEXT = const(0x7C)
_MAX_TEXT = const(0x1F)

# Octets of data for each data field of the DIF; LVAR says its own length.
WIDTH = b"\x00\x01\x02\x03\x04\x04\x06\x08\x00\x01\x02\x03\x04\x00\x06\x00"


class RecordError(ValueError):
    """From here on the telegram cannot be read: code is one of those above, at the place."""

    def __init__(self, code, at):
        super().__init__(code, at)
        self.code = code
        self.at = at


def split(buf, at, end):
    """The record at buf[at:end] as (vib_at, data_at, next_at, code).

    Its DIB is buf[at:vib_at], its VIB buf[vib_at:data_at], its data buf[data_at:next_at].
    The code is 0, TOO_MANY_DIFE or TOO_MANY_VIFE: such a record can be passed over.
    Raises RecordError where no next record can be found.  buf[at] is no special DIF.
    """
    if buf[at] & 0x0F == _SPECIAL:
        raise RecordError(RESERVED_LENGTH, at)
    data_at = head_end(buf, at, end)
    next_at = data_end(buf, at, data_at, end)
    code = excess(buf, at, data_at)
    return _behind(buf, at), data_at, next_at, code


def head(buf, at, end):
    """The head of the record at buf[at:end] alone, as (vib_at, data_at, code) of split()."""
    data_at = head_end(buf, at, end)
    return _behind(buf, at), data_at, excess(buf, at, data_at)


def head_end(buf, at, end) -> int:
    """data_at of split() alone: it and the next two make no tuple for each record."""
    vib_at = at
    while vib_at < end and buf[vib_at] & _EXTENSION:
        vib_at += 1
    vib_at += 1
    place = vib_at
    if vib_at < end and buf[vib_at] & 0x7F == _PLAIN_TEXT:
        place = _plain_text_end(buf, vib_at, end)
    else:
        while place < end and buf[place] & _EXTENSION:
            place += 1
        place += 1
    if place > end:
        raise RecordError(PREMATURE_END, at)
    return place


def _plain_text_end(buf, vib_at, end):
    try:
        return plain_text(buf, vib_at)[3]
    except IndexError:
        return end + 1


def data_end(buf, at, data_at, end) -> int:
    """next_at of split() alone."""
    field = buf[at] & 0x0F
    next_at = data_at + WIDTH[field]
    if field == _LVAR:
        if data_at >= end:  # what stands there is not of this telegram
            raise RecordError(PREMATURE_END, at)
        n = lvar_length(buf[data_at])
        if n < 0:
            raise RecordError(RESERVED_LENGTH, at)
        next_at = data_at + 1 + n
    if next_at > end:
        raise RecordError(PREMATURE_END, at)
    return next_at


def excess(buf, at, data_at) -> int:
    """The code of split() alone, for the head buf[at:data_at]: 0 where it has no LONG_HEAD."""
    vib_at = _behind(buf, at)
    if vib_at - at > _MAX_EXTENSIONS + 1:
        return TOO_MANY_DIFE
    if buf[vib_at] & 0x7F == _PLAIN_TEXT:
        return 0
    # The true VIF of the tables FB and FD is no VIFE.
    vifs = 2 if buf[vib_at] in b"\xfb\xfd" else 1
    return TOO_MANY_VIFE if data_at - vib_at > _MAX_EXTENSIONS + vifs else 0


def action(buf, vib_at, data_at) -> int:
    """The object action 0..15 that the VIB buf[vib_at:data_at] ends with, or -1.

    An action is the last VIFE.  What stands right behind FCh is a code of another table,
    and right behind FFh the manufacturer's (EN 13757-3, 6.4.6 and 6.4.7).
    """
    first = vib_at + (2 if buf[vib_at] in b"\xfb\xfd\xff" else 1)
    last = data_at - 1
    if last < first or buf[last] > 0x0F or buf[vib_at] & 0x7F == _PLAIN_TEXT:
        return -1
    if last > first and buf[last - 1] in b"\xfc\xff":
        return -1
    return buf[last]


def without_action(buf, at, data_at) -> bytes:
    """The octets buf[at:data_at] of a head, or of a VIB alone, without the action at the end."""
    octets = bytearray(buf[at : data_at - 1])
    octets[-1] &= ~_EXTENSION
    return bytes(octets)


def plain_text(buf, at):
    """Where the parts of the plain-text VIF at buf[at] lie: (text_at, vife_at, vife_end, end).

    The text is buf[text_at:text_at + buf[text_at - 1]], the VIFE are buf[vife_at:vife_end].
    Real telegrams put the VIFE behind the text; the standard can be read the other way round
    too.  A length followed by as many printable characters decides.
    """
    text_at = at + 2
    n = buf[at + 1]
    if not buf[at] & _EXTENSION:
        end = text_at + n
        return text_at, end, end, end
    if 1 <= n <= _MAX_TEXT and all(0x20 <= octet < 0x7F for octet in buf[text_at : text_at + n]):
        end = _behind(buf, text_at + n)
        return text_at, text_at + n, end, end
    end = _behind(buf, at + 1)
    return end + 1, at + 1, end, end + 1 + buf[end]


def _behind(buf, at):
    while buf[at] & _EXTENSION:
        at += 1
    return at + 1


def lvar_length(lvar: int) -> int:
    """Octets behind an LVAR octet, or -1 where the code is reserved (EN 13757-3, table 5)."""
    if lvar < 0xC0:
        return lvar
    n = lvar & 0x0F
    if lvar < 0xE0:
        return n if n < 10 else -1
    if lvar < 0xF0:
        return n
    return (16, 20, 24, 28, 32, 48, 64)[n] if n < 7 else -1


def dib_values(buf, at, vib_at):
    """(storage number, tariff, subunit) of the DIB buf[at:vib_at] (EN 13757-3, 6.3.5)."""
    storage = tariff = subunit = 0
    while vib_at > at + 1:
        vib_at -= 1
        dife = buf[vib_at]
        storage = storage << 4 | dife & 0x0F
        tariff = tariff << 2 | dife >> 4 & 3
        subunit = subunit << 1 | dife >> 6 & 1
    return storage << 1 | buf[at] >> 6 & 1, tariff, subunit


def dib(field, function=0, storage=0, tariff=0, subunit=0) -> bytes:
    """The DIB for a data field 0..15 and function 0..3; ValueError where 10 DIFE do not do."""
    octets = bytearray((field | function << 4 | (storage & 1) << 6,))
    storage >>= 1
    while storage or tariff or subunit:
        octets[-1] |= _EXTENSION
        octets.append(storage & 0x0F | (tariff & 3) << 4 | (subunit & 1) << 6)
        storage >>= 4
        tariff >>= 2
        subunit >>= 1
    if len(octets) > _MAX_EXTENSIONS + 1:
        raise ValueError("a storage number, tariff or subunit needs more than 10 DIFE")
    return bytes(octets)


def put(buf, at, dib, vib, value):
    """Write one record at buf[at:]; returns where the next one goes.

    value is an integer (binary or BCD as the data field says; a negative BCD has F as its top
    digit) or the data octets themselves.  ValueError when an integer does not fit.
    """
    for octet in dib:
        buf[at] = octet
        at += 1
    for octet in vib:
        buf[at] = octet
        at += 1
    return put_data(buf, at, dib[0] & 0x0F, value)


def put_data(buf, at, field, value):
    """The same for the data alone, under a data field of the DIF."""
    if not isinstance(value, int):
        end = at + len(value)
        buf[at:end] = value
        return end
    width = WIDTH[field]
    if field > 8:
        return _put_bcd(buf, at, width, value)
    if width and not -(1 << 8 * width - 1) <= value < 1 << 8 * width:
        raise ValueError("%d does not fit %d octets" % (value, width))
    for _ in range(width):
        buf[at] = value & 0xFF
        value >>= 8
        at += 1
    return at


def _put_bcd(buf, at, width, value):
    digits = 2 * width
    top = 0
    rest = value
    if value < 0:
        rest = -value
        digits -= 1
        top = 0xF0
    if rest >= 10**digits:
        raise ValueError("%d does not fit %d BCD digits" % (value, 2 * width))
    for _ in range(width):
        pair = rest % 100
        buf[at] = pair // 10 << 4 | pair % 10
        rest //= 100
        at += 1
    if width:
        buf[at - 1] |= top
    return at
