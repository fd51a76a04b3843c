# SPDX-License-Identifier: MIT
"""The records of SND_UD as a whole: can all be read, and which of them ask for a readout.

A record that asks has no data, whatever its data field says (EN 13757-3, 11.2).
"""

from mbus.command import REPORT, SEND
from mbus.record import FILLER, GLOBAL, PREMATURE_END, RESERVED_LENGTH, RecordError, head, split
from mbus.record import action as action_of
from micropython import const

from .match import SELECT
from .writing import ACTION_LIST, ACTION_UNLIST, UNKNOWN

SPECIAL = const(0x0F)
KEY_VIB = b"\xfd\x19"
_KEY_HEAD = b"\x0d" + KEY_VIB + b"\xf0"
_KEY_SIZE = const(20)


def selects(dif: int) -> bool:
    """Whether a record with this DIF is a selection for readout."""
    return dif == GLOBAL or dif & SPECIAL == SELECT


def request_head(buf, at, end):
    """(where its VIB begins, where the next record begins, code of split()) of a request."""
    if buf[at] == GLOBAL and at + 1 == end:
        return end, end, 0
    return head(buf, at, end)


def is_request(buf, at, end):
    """Whether the record at buf[at] belongs to the readout list and has no data."""
    dif = buf[at]
    if selects(dif):
        return True
    if dif & SPECIAL == SPECIAL:
        return False
    vib_at, data_at, _ = head(buf, at, end)
    return action_of(buf, vib_at, data_at) in (ACTION_LIST, ACTION_UNLIST)


def syntax(buf, at, end):
    """The application error of the first record that cannot be read, or 0.

    With REPORT when the telegram begins as a readout selection.  A key among other records is
    for nobody, and none of them is for anybody then.
    """
    report = 0
    first = True
    while at < end:
        if buf[at] == FILLER:
            at += 1
            continue
        try:
            if is_request(buf, at, end):
                if first:
                    report = REPORT
                _, at, code = request_head(buf, at, end)
            elif buf[at] & SPECIAL == SPECIAL:
                return 0  # nothing behind it is a record
            else:
                vib_at, data_at, at, code = split(buf, at, end)
                if buf[vib_at:data_at] == KEY_VIB:
                    return UNKNOWN
        except RecordError as e:
            code = PREMATURE_END if e.code == RESERVED_LENGTH else e.code
        first = False
        if code:
            return code | report
    return 0


def key_record(ci, buf, at, end):
    """Where the key stands, if a command is one change of key and fillers; else -1."""
    if ci != SEND:
        return -1
    while at < end and buf[at] == FILLER:
        at += 1
    if end - at < _KEY_SIZE or buf[at : at + 4] != _KEY_HEAD:
        return -1
    for i in range(at + _KEY_SIZE, end):
        if buf[i] != FILLER:
            return -1
    return at + 4
