# SPDX-License-Identifier: MIT
"""Register rows to data records, a telegram at a time, and written records back to their row.

A telegram that is not the last of its sequence ends with DIF 1Fh (EN 13757-3, 6.3.2).
"""

from mbus.record import MORE, WIDTH, put_data
from micropython import const

from . import registers

_ACTIONS = const(0x0C)  # VIFEs below it say what to do with a written value


def put_rows(values, buf, at, limit, first, last):
    """Write the records of one telegram at buf[at:limit]; returns (end, next row).

    values has a value by the number of its register's row, or None: then it is left out.
    Sent are the rows of the telegrams 1 to last, from row first on; the next row is 0 when
    there are no more.  A telegram ends where the next one of the table begins, or where it
    is full.
    """
    begun = 0
    for row in range(first, registers.COUNT):
        value = values[row]
        telegram = registers.telegram(row)
        if value is None or not 1 <= telegram <= last:
            continue
        if not begun:
            begun = telegram
        # One octet stays free for the mark that more follows.
        if telegram != begun or at + _size(row, value) >= limit:
            buf[at] = MORE
            return at + 1, row
        at = registers.put_head(row, buf, at)
        at = put_data(buf, at, registers.dif(row) & 0x0F, value)
    return at, 0


def _size(row, value):
    data = WIDTH[registers.dif(row) & 0x0F] if isinstance(value, int) else len(value)
    return registers.head_size(row) + data


def row_of(buf, at, vib_at, data_at) -> int:
    """The row whose record has just these DIB and VIB, or -1."""
    own = bytearray(32)
    for row in range(registers.COUNT):
        if registers.head_size(row) == data_at - at:
            end = registers.put_head(row, own, 0)
            if own[:end] == buf[at:data_at]:
                return row
    return -1


def row_like(buf, at, vib_at, data_at) -> int:
    """A row for the same quantity in another data size, scale or with an action, or -1."""
    dib = bytes(buf[at:vib_at])
    vib = bytes(buf[vib_at:data_at])
    # An action is the last VIFE; after FFh all are the manufacturer's.
    place = 2 if vib[0] in b"\xfb\xfd" else 1
    if len(vib) > place and vib[-1] < _ACTIONS and vib[-2] != 0xFF and 0xFC not in vib:
        vib = vib[:-2] + bytes((vib[-2] & 0x7F,))
    for row in range(registers.COUNT):
        own_dib, own = registers.head(row)
        if own_dib[1:] == dib[1:] and not (own_dib[0] ^ dib[0]) & 0xF0:
            # The last three bits of these VIFs are the power of ten.
            mask = 0xF8 if own[0] & 0x7F < 0x60 else 0xFF
            if not (own[0] ^ vib[0]) & mask and own[1:] == vib[1:]:
                return row
    return -1
