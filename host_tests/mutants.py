# SPDX-License-Identifier: MIT
"""Damaged telegrams for both runtimes: real ones with octets changed, from a fixed seed."""

import json
import os
from binascii import unhexlify

from mbus import frame, whole
from mbus.decode import Telegram

# Used where the corpus of real telegrams is absent: each type of data, each kind of VIF.
_OWN = (
    "681F1F680802727856341224400107550000000313153100DA023B13018B60043718021816",
    "68383868081972076200232E192302920000008C1004682817008C11046828170002FDC9FF01E60002FD"
    "DBFF01060002ACFF0109008240ACFF01FDFF5B16",
    "687A7A680805727856341" + "20D1701022A00000004044E61BC0004843C0787000004FB022909000004FB82"
    "3C0C0000008410048096980084200" + "4CECA2300142B991C000014AB3CB004000094102B991C000094202B"
    "5A14000004FB7B98FF0000042BFE0500000C78214365870C7978563412046D2D27363B0422393000001F5616",
)


def corpus(name):
    """The rows of a corpus file one by one, each a line of it; none where it is absent.

    Line by line, for the whole file does not fit the heap of a small device.
    """
    folder = os.getenv("MBUS_CORPUS") or "../shared/corpus"
    try:
        file = open(folder + "/" + name)
    except OSError:
        return
    with file:
        for line in file:
            line = line.strip().rstrip(",")
            if line.startswith("{"):
                yield json.loads(line)


def bases():
    """The telegrams to damage, as octets; those of variable data only."""
    found = [unhexlify(row["hex"]) for row in corpus("telegrams.json")]
    octets = found or [unhexlify(text) for text in _OWN]
    return [o for o in octets if o[6] == 0x72]


class Random:
    """A small generator that gives the same numbers on both runtimes (Numerical Recipes)."""

    def __init__(self, seed):
        self._state = seed

    def below(self, n):
        self._state = (self._state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (self._state >> 8) % n


def mutate(octets, random):
    """A copy with 1 to 4 octets behind the CI changed and the checksum repaired."""
    damaged = bytearray(octets)
    for _ in range(1 + random.below(4)):
        at = frame.DATA + random.below(len(octets) - 2 - frame.DATA)
        damaged[at] ^= 1 + random.below(255)
    damaged[-2] = sum(damaged[4:-2]) & 0xFF
    return damaged


def telegram(octets):
    """The Telegram of a whole frame."""
    found = whole.parse(octets)
    return Telegram(found.data, 0, len(found.data), found.ci)


def kept(record):
    """What must not change in a record when the damage is elsewhere; small, to keep many."""
    return record.dib_at, record.data_at, record.next_at, record.value, record.error


def damage_one_value(octets, places, random):
    """(damaged frame, index of the record hit), or None where no record has data octets.

    places holds (first, end) of the data octets of each record, without an LVAR octet.
    """
    for _ in range(8):
        index = random.below(len(places))
        first, end = places[index]
        if first < end:
            damaged = bytearray(octets)
            at = frame.DATA + first + random.below(end - first)
            damaged[at] ^= 1 + random.below(255)
            damaged[-2] = sum(damaged[4:-2]) & 0xFF
            return damaged, index
    return None


def check_damage_stays_in_one_value(octets, random, times):
    """Damage single values of a telegram and hold every other record against the original."""
    before, places = [], []
    for record in telegram(octets).records():
        before.append(kept(record))
        places.append((record.data_at + (record.meaning.field == 13), record.next_at))
    for _ in range(times if before else 0):
        damaged = damage_one_value(octets, places, random)
        if damaged:
            index = 0
            for record in telegram(damaged[0]).records():
                assert index == damaged[1] or kept(record) == before[index], index
                index += 1
            assert index == len(before)
