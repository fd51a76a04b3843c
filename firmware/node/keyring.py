# SPDX-License-Identifier: MIT
"""The key of a device, its security level and its message counters, over power cuts.

Three records of the store, each of which counts by itself: the key with all that changes when
it changes; the last command accepted, written before it is obeyed; and how far the counters
of read-outs are reserved.  The latter two bear the version of the key that they belong to, so
that a key comes to count with counters of its own in one write.

Nothing shows the key: it is in its record, and in an object of mbus.security without text.
"""

from struct import calcsize, pack, unpack

from micropython import const

from .store import Store

LEVEL_CLEAR = 0  # no encryption needed
LEVEL_COMMANDS = 1  # commands in mode 5 or 7
LEVEL_MODE_5 = 2  # read-outs in mode 5, commands in mode 5 or 7
LEVEL_MODE_7 = 3  # mode 7 only

KEY = 9  # of the store
ACCEPTED = 10
RESERVED = 11

LAST = 0xFFFFFFFF  # a counter; of commands kept for a change of key
KEY_OCTETS = 16

_LEVEL = const(0x03)
_PRESENT = const(0x40)
_NO_PAUSE = const(0x80)
_KEY = "<BH16sI8s"  # flags, version, key, counter and tag of the command that changed it
_ACCEPTED = "<HI8sI"  # version, counter, tag, the greatest counter that may not be used
_RESERVED = "<HI"  # version, the first counter that may not be sent
_FINGERPRINT = const(8)
_KEYS = const(16)  # fingerprints kept, newest first
_BLOCK = const(128)  # counters reserved at once
_LOW = const(64)
_VERSIONS = const(0xFFFF)
_NO_TAG = bytes(8)
_LABEL = b"mbus-node key id"


class KeyringError(ValueError):
    """What the local tool has asked for cannot be: why, in words without the key."""


class Keyring:
    """What a store (store.py) holds of the security of a device.

    key      an mbus.security.Key, or None
    level    0 to 3
    version  how many keys have been set so far, 0 before the first
    pauses   whether too many failures make commands pause
    highest  no command of this counter or below is accepted under this key
    last     (counter, tag) of the last command that was accepted, under whatever key
    broken   a key was there and cannot be read any more: nothing may go out in clear
    """

    def __init__(self, store):
        self._store = store
        damaged = store.damaged
        accepted, reserved = store.read(ACCEPTED), store.read(RESERVED)
        others = accepted is not None or reserved is not None or store.damaged > damaged
        octets = store.read(KEY)
        # The record of the key is whole before the first of the others is written.
        self.broken = octets is None and others
        self._missing = accepted is None or reserved is None
        self._flags = self.version = self.highest = self._next = self._end = 0
        self.last = 0, _NO_TAG
        self.key = None
        self._fingerprints = b""
        if self.broken:
            self._flags = LEVEL_MODE_7
        elif octets:
            self._load(octets)
            self._load_counters(accepted, reserved)

    def _load(self, octets):
        size = calcsize(_KEY)
        self._flags, self.version, key, counter, tag = unpack(_KEY, octets[:size])
        self._fingerprints = octets[size:]
        self.last = counter, tag
        if self._flags & _PRESENT:
            self.key = _make(key)

    def _load_counters(self, accepted, reserved):
        # They were written before the first key was: what is missing may be used up.
        missing = pack(_ACCEPTED, self.version, LAST, _NO_TAG, LAST) if self.version else None
        of, counter, tag, highest = unpack(_ACCEPTED, accepted or missing or bytes(18))
        if of == self.version:
            self.highest = highest
            self.last = counter, tag
        missing = pack(_RESERVED, self.version, LAST) if self.version else None
        version, end = unpack(_RESERVED, reserved or missing or bytes(6))
        if version == self.version:
            self._next = self._end = end
        if max(of, version) > self.version:
            # A later key was there, and has decayed: the one before it, with counters that
            # begin anew, would obey all that was ever recorded.
            self.version = max(of, version)
            self.key = None
            self.broken = True
            self._flags = LEVEL_MODE_7

    @property
    def level(self) -> int:
        return self._flags & _LEVEL

    @property
    def pauses(self) -> bool:
        return not self._flags & _NO_PAUSE

    @property
    def secured(self) -> bool:
        """Whether anything is to be secured at all."""
        return self.key is not None or self.broken

    def accept(self, counter: int, tag):
        """Keep that a command was accepted; to be done before it is obeyed.  OSError."""
        self._accept(counter, bytes(tag), counter)

    def renumber(self):
        """The meter gets a number that differs in the upper two digits alone.  OSError.

        In mode 5 they are in the IV where the counter's lowest octet is in a command: what was
        recorded would be one under the new number, with a counter of up to 255 more.
        """
        if self.key is not None and self.level != LEVEL_MODE_7:
            highest = max(self.highest, min(self.highest | 0xFF, LAST - 1))
            self._accept(*self.last, highest)

    def _accept(self, counter, tag, highest):
        self._store.write(ACCEPTED, pack(_ACCEPTED, self.version, counter, tag, highest))
        self.highest = highest
        self.last = counter, tag

    @property
    def due(self) -> bool:
        """Whether counters of read-outs run low: reserve() when nobody waits."""
        return self.key is not None and self._end < LAST and self._end - self._next < _LOW

    def reserve(self):
        """Reserve the next counters of read-outs; OSError, and it is still due."""
        end = min(self._end + _BLOCK, LAST)
        self._store.write(RESERVED, pack(_RESERVED, self.version, end))
        self._end = end

    def take(self) -> int:
        """The counter of the next read-out, 0 if there is none left.  OSError."""
        if self._next == LAST:
            return 0
        if self._next == self._end:
            self.reserve()
        self._next += 1
        return self._next

    def change(self, octets, counter: int, tag) -> bool:
        """Another key, by the command with this counter and tag: False if it was ever used.

        One write: before it the old key counts, behind it the new one, with new counters.
        """
        return self._set(octets, self._flags, counter, bytes(tag))

    def _set(self, octets, flags, counter, tag):
        key = _make(octets)
        mark = _fingerprint(key)
        if self._knows(mark):
            return False
        if self.version == _VERSIONS:
            return False
        kept = mark + self._fingerprints[: (_KEYS - 1) * _FINGERPRINT]
        head = pack(_KEY, flags | _PRESENT, self.version + 1, bytes(octets), counter, tag)
        self._store.write(KEY, head + kept)
        self._flags = flags | _PRESENT
        self.version += 1
        self.key = key
        self._fingerprints = kept
        self.highest = self._next = self._end = 0
        self.last = counter, tag
        self.broken = False
        return True

    def _knows(self, mark):
        known = self._fingerprints
        places = range(0, len(known), _FINGERPRINT)
        return any(known[at : at + _FINGERPRINT] == mark for at in places)

    def provision(self, octets, level: int, pauses: bool = True) -> int:
        """For the local tool: set a key and the level, or take the key away with None.

        The key that is there, which b"" stands for, too, keeps its counters and gets the level.
        Returns the version.  OSError of the store, KeyringError.
        """
        if octets == b"":
            octets = self._held()
        if not LEVEL_CLEAR <= level <= LEVEL_MODE_7:
            raise KeyringError("security level %d is none of 0 to 3" % level)
        if octets is None and level:
            raise KeyringError("security level %d needs a key" % level)
        if octets is not None and len(octets) != KEY_OCTETS:
            raise KeyringError("a key has %d octets" % KEY_OCTETS)
        flags = level if pauses else level | _NO_PAUSE
        if not self.version:
            self._prepare()
        elif self._missing:
            self._fill()
        if octets is None:
            self._rewrite(flags, bytes(KEY_OCTETS))
            self.key = None
        elif self._is_present(octets):
            self._rewrite(flags | _PRESENT, bytes(octets))
        elif not self._set(octets, flags, 0, _NO_TAG):
            raise KeyringError("this key was in use before: its counters would be used again")
        return self.version

    def _held(self):
        if self.key is None:
            raise KeyringError("there is no key that could have another level")
        return unpack(_KEY, self._store.read(KEY)[: calcsize(_KEY)])[2]

    def _is_present(self, octets):
        mark = _fingerprint(_make(octets))
        return self.key is not None and self._fingerprints[:_FINGERPRINT] == mark

    def _rewrite(self, flags, octets):
        counter, tag = self.last
        head = pack(_KEY, flags, self.version, octets, counter, tag)
        self._store.write(KEY, head + self._fingerprints)
        self._flags = flags
        self.broken = False

    def _prepare(self):
        """Fill both slots of each record, so that one torn write never empties it."""
        for _ in range(2):
            self._store.write(KEY, pack(_KEY, 0, 0, bytes(KEY_OCTETS), 0, _NO_TAG))
        self._fill()

    def _fill(self):
        for _ in range(2):
            accepted = pack(_ACCEPTED, self.version, *self.last, self.highest)
            self._store.write(ACCEPTED, accepted)
            self._store.write(RESERVED, pack(_RESERVED, self.version, self._end))
        self._missing = False


def provision(slots, octets, level: int, pauses: bool = True) -> int:
    """Keyring.provision() on the slots of a module that does not run; see there."""
    return Keyring(Store(slots.load, slots.save)).provision(octets, level, pauses)


def _make(octets):
    # Loaded where there is a key, and nowhere else.
    from mbus.security import Key

    return Key(octets)


def _fingerprint(key):
    from mbus.cmac import cmac

    work = memoryview(bytearray(KEY_OCTETS))
    work[:] = _LABEL
    at = cmac(key, work, KEY_OCTETS)
    return bytes(work[at : at + _FINGERPRINT])
