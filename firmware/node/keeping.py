# SPDX-License-Identifier: MIT
"""When and how the meter is stored: at once when told to, by intervals what is counted.

A debiting period is written into a free place of the ring first, and counts from the moment
on at which the meter's record with the new number of periods is written behind it.
"""

from mbus.timing import elapsed
from meter import history, period, state
from micropython import const

from .store import EVENTS, FROZEN, HISTORY, METER

_MINUTE_MS = const(60_000)


class Keeping:
    """A meter and the store (store.py) that holds it.

    failure  why the stored meter could not be taken over, in words; then nothing is written,
             so that what is stored is not lost
    """

    def __init__(self, store, save_min: int):
        self._store = store
        self._interval_ms = save_min * _MINUTE_MS
        self._meter = None
        self._saved_at = 0
        self._closed = 0  # the periods that are stored
        self._frozen = None
        self._events = 0
        self.failure = None

    @property
    def damaged(self) -> bool:
        """Whether a record was stored and cannot be read any more."""
        return self._store.damaged > 0

    def load(self, meter, now: int) -> bool:
        """Take over what is stored of a meter, which is kept from then on.

        False, and the meter is not to be used, where what is stored does not go with it.
        StoreError where a newer version wrote it.
        """
        octets = self._store.read(METER)
        log = self._store.read(EVENTS)
        try:
            if octets:
                state.load(meter, octets)
            if log:
                meter.events.load(log)
        except ValueError as e:
            self.failure = "what is stored does not go with this configuration: %s" % e
            return False
        for place in range(history.PLACES):
            self._load_period(meter, place)
        frozen = self._store.read(FROZEN)
        sound = frozen and len(frozen) == period.OCTETS
        if sound and period.number(frozen) == meter.history.closed:
            meter.history.frozen = frozen
        self._meter = meter
        self._saved_at = now
        self._closed, self._frozen = meter.history.closed, meter.history.frozen
        self._events = meter.events.total
        return True

    def _load_period(self, meter, place):
        octets = self._store.read(HISTORY + place)
        if octets and len(octets) == period.OCTETS:
            meter.history.put(octets)

    def due(self, now: int) -> bool:
        """Whether something waits to be stored."""
        meter = self._meter
        if not meter:
            return False
        if meter.changed:
            return True
        return meter.counting and elapsed(now, self._saved_at) >= self._interval_ms

    def save(self, now: int):
        """Store the meter; OSError when the store cannot, and then it is still due."""
        meter, store = self._meter, self._store
        past = meter.history
        for number in range(max(self._closed + 1, past.closed - 14), past.closed + 1):
            octets = past.closed_as(number)
            if octets:
                store.write(HISTORY + number % history.PLACES, octets)
        if past.frozen is not self._frozen and past.frozen:
            store.write(FROZEN, past.frozen)
        store.write(METER, state.dump(meter))
        self._closed, self._frozen = past.closed, past.frozen
        if meter.events.total != self._events:
            store.write(EVENTS, meter.events.dump())
            self._events = meter.events.total
        meter.changed = meter.counting = False
        self._saved_at = now
