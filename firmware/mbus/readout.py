# SPDX-License-Identifier: MIT
"""What a master must know of an RSP_UD to go on: who sent it, and whether more follows.

Only the structure of the records is looked at (EN 13757-3, 6); decode.py reads what they say.
"""

from .header import LONG, SHORT, security_mode
from .record import FILLER, MANUFACTURER, MORE, RecordError, split

_AFL = 0x90


def owner(frame):
    """The 8 octets of the secondary address, or None where the frame has no long header."""
    ci, data = frame.ci, frame.data
    if ci == _AFL and data and len(data) > data[0] + 1:
        # The header of a secured telegram stands behind it, in clear.
        ci, data = data[data[0] + 1], data[data[0] + 2 :]
    return data[:8] if ci == 0x72 and len(data) >= LONG else None


def more_follows(frame) -> bool:
    """The record list ends with DIF 1Fh: ask for the next telegram."""
    for at, _, next_at in _records(frame):
        if at == next_at:
            return frame.data[at] == MORE
    return False


def record_data(frame, head):
    """The data octets of the first record with this DIB and VIB, None where there is none."""
    for at, data_at, next_at in _records(frame):
        if at < next_at and frame.data[at:data_at] == head:
            return frame.data[data_at:next_at]
    return None


def _records(frame):
    """Yield (at, data_at, next_at) of each record, and (at, at, at) of DIF 0Fh or 1Fh.

    Ends where the records cannot be read.  Nothing where they are encrypted: then nobody can
    know.  (Modes above 15 are the "signature" of meters older than encryption.)
    """
    data = frame.data
    end = len(data)
    at = {0x72: LONG, 0x7A: SHORT, 0x78: 0}.get(frame.ci, end + 1)
    if at > end or (at and 0 < security_mode(data[at - 1] << 8) < 16):
        return
    while at < end:
        if data[at] in (MANUFACTURER, MORE):
            yield at, at, at
            return
        if data[at] == FILLER:
            at += 1
            continue
        try:
            _, data_at, next_at, _ = split(data, at, end)
        except RecordError:
            return
        yield at, data_at, next_at
        at = next_at
