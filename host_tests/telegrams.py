# SPDX-License-Identifier: MIT
"""The emulated meter read out at once, and its telegrams taken apart."""

from binascii import unhexlify

from mbus.frame import DATA
from mbus.record import MORE, split
from meters import Slots
from node.assembly import assemble
from node.config import Config
from stations import Line


def module(telegrams=2, meter=1, **given):
    given["telegrams"] = telegrams
    given["meter"] = meter
    given.setdefault("primary", meter)
    given.setdefault("source", "host")
    return assemble(Config(given), Slots(), 1000, access=0x2A)


def readout(device, sequence=(0x7B, 0x5B, 0x7B, 0x5B)):
    """The frames of one readout up to the one without 1Fh."""
    line = Line(device)
    frames = []
    for c in sequence:
        frames.append(unhexlify(line.short(c, device.primary)))
        if frames[-1][-3] != MORE:
            break
    return frames


def records(frame):
    """(DIB, VIB, data) of each record of a telegram."""
    at, end = DATA + 12, len(frame) - 2
    result = []
    while at < end and frame[at] != MORE:
        vib_at, data_at, next_at, code = split(frame, at, end)
        assert code == 0
        result.append((frame[at:vib_at], frame[vib_at:data_at], frame[data_at:next_at]))
        at = next_at
    return result
