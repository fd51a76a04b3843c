# SPDX-License-Identifier: MIT
"""Register rows to data records, a telegram at a time, and written records back to their row.

A telegram that is not the last of its sequence ends with DIF 1Fh (EN 13757-3, 6.3.2).
"""

from mbus.record import MORE, WIDTH, put
from micropython import const

from .registers import ACCESS, DIB, NAME, REGISTERS, TELEGRAM, VIB

_ACTIONS = const(0x0C)  # VIFEs below it say what to do with a written value


def put_rows(values, buf, at, limit, first, last):
    """Write the records of one telegram at buf[at:limit]; returns (end, next row).

    values has a value under a register's name, or none: then the register is left out.
    Sent are the rows of the telegrams 1 to last, from row first on; the next row is 0 when
    there are no more.  A telegram ends where the next one of the table begins, or where it
    is full.
    """
    telegram = 0
    for row in range(first, len(REGISTERS)):
        entry = REGISTERS[row]
        value = values.get(entry[NAME])
        if value is None or not 1 <= entry[TELEGRAM] <= last:
            continue
        if not telegram:
            telegram = entry[TELEGRAM]
        # One octet stays free for the mark that more follows.
        if entry[TELEGRAM] != telegram or at + _size(entry, value) >= limit:
            buf[at] = MORE
            return at + 1, row
        at = put(buf, at, entry[DIB], entry[VIB], value)
    return at, 0


def _size(entry, value):
    data = WIDTH[entry[DIB][0] & 0x0F] if isinstance(value, int) else len(value)
    return len(entry[DIB]) + len(entry[VIB]) + data


def row_of(buf, at, vib_at, data_at):
    """The row whose record has just these DIB and VIB, or None."""
    dib, vib = bytes(buf[at:vib_at]), bytes(buf[vib_at:data_at])
    for entry in REGISTERS:
        if entry[DIB] == dib and entry[VIB] == vib:
            return entry
    return None


def row_like(buf, at, vib_at, data_at):
    """A row for the same quantity in another data size, scale or with an action, or None."""
    dib = bytes(buf[at:vib_at])
    vib = bytes(buf[vib_at:data_at])
    # An action is the last VIFE; after FFh all are the manufacturer's.
    place = 2 if vib[0] in b"\xfb\xfd" else 1
    if len(vib) > place and vib[-1] < _ACTIONS and vib[-2] != 0xFF and 0xFC not in vib:
        vib = vib[:-2] + bytes((vib[-2] & 0x7F,))
    for entry in REGISTERS:
        if entry[DIB][1:] == dib[1:] and not (entry[DIB][0] ^ dib[0]) & 0xF0:
            own = entry[VIB]
            # The last three bits of these VIFs are the power of ten.
            mask = 0xF8 if own[0] & 0x7F < 0x60 else 0xFF
            if not (own[0] ^ vib[0]) & mask and own[1:] == vib[1:]:
                return entry
    return None


def writable(entry) -> bool:
    """Whether SND_UD may write the row."""
    return "w" in entry[ACCESS]
