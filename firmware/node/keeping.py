# SPDX-License-Identifier: MIT
"""When a module is stored, and where: what counts at the next start is the newest of all.

Flash is written at once when told to, and what is counted by pulses and by time; FRAM each
second, and then flash only by time.  Memory that outlives a reset (mirror.py) has what was
counted since.
"""

from mbus.timing import elapsed
from meter import state
from micropython import const

from .saved import Saved
from .settings import Settings
from .store import METER, always, newer

_MINUTE_MS = const(60_000)
_AHEAD = const(500_000_000)  # registers no further apart have not wrapped


class Keeping:
    """Settings and a meter, and the stores (store.py) that hold them: flash first, then FRAM.

    settings  those of the store that was saved last
    failure   why the stored meter could not be taken over, in words; then it is not written,
              so that what is stored is not lost
    failures  how often FRAM could not be written since the start
    """

    def __init__(self, stores, config, memory=None):
        self._flash = Saved(stores[0])
        self._fram = Saved(stores[1]) if len(stores) > 1 else None
        self._mirror = None
        if memory:
            from .mirror import Mirror

            self._mirror = Mirror(memory)
        self._interval_ms = config.save_min * _MINUTE_MS
        self._most_pulses = 0 if self._fram else config.save_pulses
        self._conflict = False
        self._first = self._newest()
        self.settings = Settings(self._first)
        self._meter = None
        self._saved_at = 0
        self._counts = ()  # of the inputs, when flash was saved
        self.failure = None
        self.failures = 0

    def _newest(self):
        flash, fram = self._flash, self._fram
        if not fram:
            return flash
        first, other = flash, fram
        if newer(fram.store.generation, flash.store.generation):
            first, other = fram, flash
        ours, theirs = (state.counted(one.store.read(METER)) for one in (first, other))
        if any(0 < b - a < _AHEAD for a, b in zip(ours, theirs)):
            # It may have missed some saves, but no counter ever goes back.
            first, other = other, first
            self._conflict = any(0 < a - b < _AHEAD for a, b in zip(ours, theirs))
        return first

    @property
    def damaged(self) -> bool:
        """Whether a record was stored and cannot be read any more, or stores contradict."""
        damaged = self._flash.store.damaged + (self._fram.store.damaged if self._fram else 0)
        return self._conflict or damaged > 0

    def load(self, meter, now: int) -> bool:
        """Take over what is stored of a meter, which is kept from then on.

        False, and the meter is not to be used, where what is stored does not go with it.
        """
        first = self._first
        generation = first.store.generation
        for one in (self._flash, self._fram):
            if one and one is not first:
                one.survey()
        try:
            first.load(meter)
        except ValueError as e:
            self.failure = "what is stored does not go with this configuration: %s" % e
            first.survey()
        self._align()
        if self.failure:
            return False
        self._meter = meter
        self._saved(now)
        if self._mirror:
            if self._mirror.restore(meter, generation):
                meter.changed = True
            else:
                self._mirror.begin(meter, generation)
        return True

    def _align(self):
        """No store may seem older than it is because the other was saved more often."""
        stores = [one.store for one in (self._flash, self._fram) if one]
        for store in stores:
            for other in stores:
                if newer(other.generation, store.generation):
                    store.generation = other.generation

    def _saved(self, now):
        self._saved_at = now
        self._counts = [one.count for one in self._meter.pulses]

    def due(self, now: int) -> bool:
        """Whether something waits to be stored in flash."""
        meter = self._meter
        if self._flash.due(self.settings):
            return True
        if not meter:
            return False
        if meter.changed:
            return True
        return meter.counting and (
            elapsed(now, self._saved_at) >= self._interval_ms or self._many()
        )

    def _many(self):
        if self._most_pulses:
            for count, one in zip(self._counts, self._meter.pulses):
                if (one.count - count) & 0xFFFFFFFF >= self._most_pulses:
                    return True
        return False

    def save(self, now: int, go_on):
        """Store all in flash, as long as go_on() says so; until then it is still due.

        OSError when the store cannot.
        """
        meter = self._meter
        if not meter:
            self._flash.save(self.settings, None, go_on)
            return
        meter.tick(now)  # what has been measured and not counted yet is to be stored too
        if self._mirror:
            self._mirror.note(meter)
        if self._save(self._flash, go_on):
            meter.changed = meter.counting = False
            self._saved(now)

    def _save(self, saved, go_on):
        self._align()
        done = saved.save(self.settings, self._meter, go_on)
        if done and self._mirror:
            self._mirror.begin(self._meter, saved.store.generation)
        return done

    def tick(self):
        """Behind each tick of the meter, once a second: what takes no time is stored now."""
        meter = self._meter
        if not meter:
            return
        if self._fram and (meter.changed or meter.counting or self._fram.due(self.settings)):
            try:
                self._save(self._fram, always)
                return
            except OSError:
                self.failures += 1
        if self._mirror:
            self._mirror.note(meter)
