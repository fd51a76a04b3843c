# SPDX-License-Identifier: MIT
"""Records that outlive a power cut; several are written, and come to count all at once.

Each record has two slots, and is written to the one that does not hold what counts.  A slot:
magic (2 octets), version of the layout (1), which record (1, its top bits say how it counts),
generation (4), length (2), the octets without their runs of zeros, CRC-32 of all of it (4).

What is staged and committed together has one generation, and counts when the last of it is in
its slot, the commit: that is SETTINGS or METER.  A cut before leaves slots of a generation that
never came to count; they are emptied before the next one counts, for it has the same number.
What is written alone counts by itself, and its generation is its own.
"""

from binascii import crc32
from struct import pack, unpack_from

from micropython import const

from . import zeros

SETTINGS = 0
METER = 1
EVENTS = 2  # the whole ring, as layout 3 had it
FROZEN = 3
HISTORY = 16  # and the 15 behind it
LOG = 32  # and the 8 behind it
RECORDS = 41

VERSION = const(4)

_MAGIC = const(0x4D42)
_UNPACKED = const(3)  # this version had no commit: each record counted by itself
_HEAD = "<HBBIH"
_HEAD_OCTETS = const(10)
_CRC_OCTETS = const(4)
_COMMIT = const(0x80)
_ALONE = const(0x40)
_RECORD = const(0x3F)
_WRAP = const(0xFFFFFFFF)
_HALF = const(0x80000000)


class StoreError(Exception):
    """A record that must not be touched, in words."""


def always() -> bool:
    """Nothing ends a save."""
    return True


class Store:
    """Records over load(slot) -> octets or None and save(slot, octets), which may raise OSError.

    generation  that of the last commit, 0 before the first
    damaged     how many records had octets in their slots and nothing sound among them
    """

    def __init__(self, load, save):
        self._load = load
        self._save = save
        self._newest = {}  # record: (slot that counts, its generation)
        self._loose = set()  # slots of a generation that does not count
        self._staged = {}  # record: slot, of what is to be committed
        self._lost = False  # the commits are, and what is there counts
        self.damaged = 0
        self.generation = 0
        self._find_commit()

    def _find_commit(self):
        met = False
        spoiled = 0
        for slot in (2 * SETTINGS, 2 * SETTINGS + 1, 2 * METER, 2 * METER + 1):
            octets = self._load(slot)
            sound = octets and _sound(slot >> 1, octets)
            if slot >> 1 == METER and octets:
                met = met or sound
                spoiled += not sound
            if sound and sound[0] > _UNPACKED and sound[1] & _COMMIT:
                self._advance(sound[2])
        # One alone may be that of a cut in the first commit of all: then nothing counts yet.
        self._lost = spoiled > 1 and not met

    def _advance(self, generation):
        if not self.generation or _newer(generation, self.generation):
            self.generation = generation

    def read(self, record: int, older=None):
        """The octets last written, or None; StoreError where a newer version wrote them.

        older(octets) reads what a version before layout 3 wrote into a slot: (sequence
        number, octets of the record), or None.
        """
        best = None
        spoiled = False
        for slot in (2 * record, 2 * record + 1):
            octets = self._load(slot)
            if not octets:
                continue
            sound = _sound(record, octets)
            if not sound and older and older(octets):
                sound = (0, _ALONE) + older(octets)
            if not sound:
                spoiled = True
            elif not self._counts(sound):
                self._loose.add(slot)
            elif best is None or _before(best, sound):
                best = sound
                self._newest[record] = slot, sound[2]
        if best is None:
            self.damaged += spoiled
            return None
        return best[3]

    def _counts(self, sound):
        if sound[1] & _ALONE:
            return True
        if self._lost:
            self._advance(sound[2])
            return True
        return self.generation > 0 and not _newer(sound[2], self.generation)

    def write(self, record: int, octets):
        """Write a record that counts by itself; OSError as save() raises it."""
        slot, generation = self._newest.get(record, (2 * record + 1, 0))
        generation = _after(generation)
        self._save(slot ^ 1, _whole(record | _ALONE, generation, octets))
        self._newest[record] = slot ^ 1, generation

    def stage(self, record: int, octets, go_on=always) -> bool:
        """Write what counts from the next commit on; OSError as save() raises it.

        go_on() is asked in front of the write: False ends it, and nothing has changed.
        Behind an OSError here or in commit() all is to be staged again.
        """
        return self._stage(record, record, octets, go_on)

    def unstage(self, record: int):
        """What was staged of a record is not to count with the next commit."""
        self._staged.pop(record, None)

    def commit(self, record: int, octets, go_on=always) -> bool:
        """Write SETTINGS or METER, and what was staged counts; OSError as save() raises it.

        go_on() is asked in front of each write: False ends it, and nothing has changed.
        """
        kept = set(self._staged.values())
        kept.add(self._other(record))
        for loose in sorted(self._loose - kept):
            if not go_on():
                return False
            self._try(loose, b"")
            self._loose.discard(loose)
        if not self._stage(record, record | _COMMIT, octets, go_on):
            return False
        self.generation = _after(self.generation)
        for staged, slot in self._staged.items():
            self._newest[staged] = slot, self.generation
        self._staged.clear()
        self._loose.clear()
        self._lost = False
        return True

    def _other(self, record):
        return self._newest.get(record, (2 * record + 1,))[0] ^ 1

    def _stage(self, record, which, octets, go_on):
        # Packing takes as long as writing: a request that begins meanwhile is not to wait for it.
        whole = _whole(which, _after(self.generation), octets)
        if not go_on():
            return False
        slot = self._other(record)
        self._loose.add(slot)
        self._try(slot, whole)
        self._staged[record] = slot
        return True

    def _try(self, slot, octets):
        try:
            self._save(slot, octets)
        except OSError:
            self._staged.clear()
            raise


def newer(one: int, other: int) -> bool:
    """Whether a generation is behind another; 0 is before all."""
    return bool(one) and (not other or _newer(one, other))


def _newer(one, other):
    return 0 < (one - other) & _WRAP < _HALF


def _after(generation):
    return (generation + 1) & _WRAP or 1


def _before(one, other):
    """Whether a sound slot is of an earlier layout, or was written before the other."""
    if (one[0] > _UNPACKED) != (other[0] > _UNPACKED):
        return one[0] < other[0]
    return _newer(other[2], one[2])


def _whole(which, generation, octets):
    packed = zeros.pack(octets)
    whole = pack(_HEAD, _MAGIC, VERSION, which, generation, len(packed)) + packed
    return whole + pack("<I", crc32(whole))


def _sound(record, octets):
    """(version, how it counts, generation, octets) of a sound slot, else None."""
    end = len(octets) - _CRC_OCTETS
    if end < _HEAD_OCTETS or unpack_from("<I", octets, end)[0] != crc32(octets[:end]):
        return None
    magic, version, which, generation, length = unpack_from(_HEAD, octets, 0)
    if magic != _MAGIC:
        return None
    if version > VERSION:
        raise StoreError(
            "record %d was written by a newer version (layout %d, known is %d): install that "
            "version, or do a factory reset" % (record, version, VERSION)
        )
    if version < _UNPACKED or which & _RECORD != record or length != end - _HEAD_OCTETS:
        return None
    body = octets[_HEAD_OCTETS:end]
    if version == _UNPACKED:
        return version, _ALONE, generation, body
    return version, which, generation, zeros.unpack(body)
