# SPDX-License-Identifier: MIT
"""The records of SND_UD as a whole: can all be read, and which of them ask for a readout.

A record that asks has no data, whatever its data field says (EN 13757-3, 11.2).
"""

from mbus.command import REPORT
from mbus.record import FILLER, PREMATURE_END, RESERVED_LENGTH, RecordError, head, split
from mbus.record import action as action_of
from micropython import const

from .writing import ACTION_LIST, ACTION_UNLIST

GLOBAL = const(0x7F)
SELECT = const(0x08)  # the data field "selection for readout"
SPECIAL = const(0x0F)


def request_head(buf, at, end):
    """(where its VIB begins, where the next record begins) of a selection record."""
    if buf[at] == GLOBAL and at + 1 == end:
        return end, end
    vib_at, next_at, _ = head(buf, at, end)
    return vib_at, next_at


def is_request(buf, at, end):
    """Whether the record at buf[at] belongs to the readout list and has no data."""
    dif = buf[at]
    if dif == GLOBAL or dif & SPECIAL == SELECT:
        return True
    if dif & SPECIAL == SPECIAL:
        return False
    vib_at, data_at, _ = head(buf, at, end)
    return action_of(buf, vib_at, data_at) in (ACTION_LIST, ACTION_UNLIST)


def syntax(buf, at, end):
    """The application error of the first record that cannot be read, or 0.

    With REPORT when the telegram begins as a readout selection.
    """
    report = 0
    first = True
    while at < end:
        dif = buf[at]
        if dif == FILLER:
            at += 1
            continue
        if first and (dif == GLOBAL or dif & SPECIAL == SELECT):
            report = REPORT
        code = 0
        try:
            if is_request(buf, at, end):
                if first:
                    report = REPORT
                if dif == GLOBAL and at + 1 == end:
                    return 0
                _, at, code = head(buf, at, end)
            elif dif & SPECIAL == SPECIAL:
                return 0  # nothing behind it is a record
            else:
                at, code = split(buf, at, end)[2:]
        except RecordError as e:
            code = PREMATURE_END if e.code == RESERVED_LENGTH else e.code
        first = False
        if code:
            return code | report
    return 0
