# SPDX-License-Identifier: MIT
"""The register table as the device uses it: packed octets, found by row number.

The text it is made from is registertext.py; that is thrown away again, for it is large.
"""

import sys
from array import array
from binascii import unhexlify

from micropython import const

_WRITABLE = const(0x80)

_starts = array("H")  # where a row begins in _heads: DIB length, VIB length, DIB, VIB
_heads = bytearray()
_flags = bytearray()  # telegram, and whether it may be written


def _pack():
    from . import registertext

    names = []
    for name, dib, vib, access, telegram, _ in registertext.rows():
        _starts.append(len(_heads))
        _heads.extend(bytes((len(dib) // 2, len(vib) // 2)))
        _heads.extend(unhexlify(dib + vib))
        _flags.append(telegram | (_WRITABLE if "w" in access else 0))
        names.append(name)
    del sys.modules["node.registertext"]
    return "\n" + "\n".join(names) + "\n"


_names = _pack()
COUNT = len(_starts)


def row(name: str) -> int:
    """The number of the row with this name; KeyError where there is none."""
    at = _names.find("\n" + name + "\n")
    if at < 0:
        raise KeyError(name)
    return _names[:at].count("\n")


def names() -> list:
    """The names of all rows, in their order."""
    return _names.strip().split("\n")


def telegram(row: int) -> int:
    """The telegram in which the row is sent, 0 for none."""
    return _flags[row] & ~_WRITABLE


def writable(row: int) -> bool:
    """Whether SND_UD may write the row."""
    return _flags[row] & _WRITABLE != 0


def dif(row: int) -> int:
    """The DIF of the row, for its data field."""
    return _heads[_starts[row] + 2]


def head_size(row: int) -> int:
    """Octets of DIB and VIB."""
    at = _starts[row]
    return _heads[at] + _heads[at + 1]


def put_head(row: int, buf, at: int) -> int:
    """Write DIB and VIB at buf[at:]; returns where the data go."""
    start = _starts[row] + 2
    for i in range(start, start + head_size(row)):
        buf[at] = _heads[i]
        at += 1
    return at


def head(row: int):
    """(DIB, VIB) of a row."""
    at = _starts[row]
    middle = at + 2 + _heads[at]
    return bytes(_heads[at + 2 : middle]), bytes(_heads[middle : middle + _heads[at + 1]])
