# SPDX-License-Identifier: MIT
"""One store and what it holds of a module: only what has changed is written to it.

All of a save is staged and comes to count with the meter's record, so that neither a command
nor a debiting stop is ever found half done.  Events stand in nine blocks of eight: the one
that is overwritten is not among the last 64.
"""

from binascii import crc32
from struct import pack, unpack_from

from meter import events, history, period, state
from micropython import const

from . import settings as settings_of
from .store import EVENTS, FROZEN, HISTORY, LOG, METER, SETTINGS

_BLOCK = const(8)  # events
_BLOCKS = const(9)
_FIRST = "<I"  # number of the first event of a block
_FIRST_OCTETS = const(4)
_NOTHING = const(-1)


class Saved:
    """What a store (store.py) holds of settings and a meter."""

    def __init__(self, store):
        self.store = store
        self._held = {}  # record: checksum of the octets that count
        self._fresh = {}  # the same of what is staged by a save that was ended before
        self._closed = self._events = _NOTHING  # the periods and events that are stored
        self._frozen = None
        self._settings = None  # the record

    def read(self, record: int, older=None):
        """As Store.read()."""
        octets = self.store.read(record, older)
        if octets is not None:
            self._held[record] = crc32(octets)
            if record == SETTINGS:
                self._settings = octets
        return octets

    def survey(self):
        """Know what is there, where another store's meter is taken over."""
        self.read(SETTINGS, settings_of.older)
        for record in (METER, FROZEN):
            self.read(record)
        for place in range(history.PLACES):
            self.read(HISTORY + place)
        for block in range(_BLOCKS):
            self.read(LOG + block)

    def load(self, meter):
        """Take over what is stored of a meter; ValueError where that does not go with it."""
        octets = self.read(METER)
        if octets:
            state.load(meter, octets)
        self._load_events(meter.events)
        for place in range(history.PLACES):
            octets = self.read(HISTORY + place)
            if octets and len(octets) == period.OCTETS:
                meter.history.put(octets)
        frozen = self.read(FROZEN)
        sound = frozen and len(frozen) == period.OCTETS
        if sound and period.number(frozen) == meter.history.closed:
            meter.history.frozen = frozen
        self._closed, self._frozen = meter.history.closed, meter.history.frozen
        self._events = meter.events.total

    def _load_events(self, log):
        octets = self.store.read(EVENTS)
        if octets:
            log.load(octets)
        blocks = []
        total = log.total
        for block in range(_BLOCKS):
            octets = self.read(LOG + block)
            if octets and len(octets) > _FIRST_OCTETS:
                first = unpack_from(_FIRST, octets, 0)[0]
                blocks.append((first, octets))
                total = max(total, first + (len(octets) - _FIRST_OCTETS) // events.OCTETS)
        if not blocks:
            return
        whole = bytearray(log.dump())
        whole[:_FIRST_OCTETS] = pack(_FIRST, total)
        for first, octets in sorted(blocks):
            for n in range((len(octets) - _FIRST_OCTETS) // events.OCTETS):
                if first + n + events.SIZE >= total:
                    at = _FIRST_OCTETS + (first + n) % events.SIZE * events.OCTETS
                    source = _FIRST_OCTETS + n * events.OCTETS
                    whole[at : at + events.OCTETS] = octets[source : source + events.OCTETS]
        log.load(whole)

    def due(self, settings) -> bool:
        """Whether settings wait to be stored."""
        return settings.dump() != self._settings

    def save(self, settings, meter, go_on) -> bool:
        """Store settings, and a meter if there is one; False if go_on() ended it before.

        What was written by then counts no more than behind an OSError, but is not written
        again next time if it is still the same.
        """
        record = settings.dump()
        if not meter:
            if self.store.commit(SETTINGS, record, go_on):
                self._settings = record
            return self._settings == record
        try:
            if not self._write(record, meter, go_on):
                return False
        except OSError:
            self._fresh = {}
            raise
        self._held.update(self._fresh)
        self._fresh = {}
        self._settings = record
        self._closed, self._frozen = meter.history.closed, meter.history.frozen
        self._events = meter.events.total
        return True

    def _write(self, settings, meter, go_on):
        wanted = dict(self._changes(settings, meter))
        for record in list(self._fresh):
            if record not in wanted:
                self.store.unstage(record)
                del self._fresh[record]
        for record, octets in wanted.items():
            checksum = crc32(octets)
            if self._fresh.get(record) != checksum:
                if not self.store.stage(record, octets, go_on):
                    return False
                self._fresh[record] = checksum
        return self.store.commit(METER, state.dump(meter), go_on)

    def _changes(self, settings, meter):
        """(record, octets) of all but the meter's record that differs from what is held."""
        for record, octets in self._candidates(settings, meter):
            if octets is not None and self._held.get(record) != crc32(octets):
                yield record, octets

    def _candidates(self, settings, meter):
        if settings != self._settings:
            yield SETTINGS, settings
        past = meter.history
        if past.closed != self._closed:
            for number in range(max(1, past.closed - 14), past.closed + 1):
                yield HISTORY + number % history.PLACES, past.closed_as(number)
        if past.frozen is not self._frozen:
            yield FROZEN, past.frozen
        log = meter.events
        total = log.total
        if total == self._events:
            return
        oldest = max(0, total - events.SIZE, min(self._events, total))
        for first in range(oldest - oldest % _BLOCK, total, _BLOCK):
            octets = bytearray(pack(_FIRST, first))
            for number in range(first, min(first + _BLOCK, total)):
                octets.extend(log.get(total, total - 1 - number) or bytes(events.OCTETS))
            yield LOG + first // _BLOCK % _BLOCKS, octets
