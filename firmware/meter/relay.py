# SPDX-License-Identifier: MIT
"""When to pulse the coils of a bistable relay, so that its contact becomes what is wanted.

Nothing is pulsed at start, whatever the contact says: only a change of what is wanted moves
the relay.  Where there is a feedback contact it is the truth, and a relay that has not
followed is pulsed again, a few times.  Between two pulses the coils have time to cool.
"""

from micropython import const

from .ticks import elapsed

NONE = 0
ON = 1
OFF = 2

_TRIES = const(3)
_FOLLOWS_FACTOR = const(5)  # pulse lengths that a contact may take to follow


class Relay:
    """Two coils, pulsed by whoever calls tick().

    position  the contact as far as it is known: 0, 1, or None
    """

    def __init__(self, position=None, pulse_ms: int = 200, spacing_ms: int = 10_000):
        self.position = position
        self.pulse_ms = pulse_ms
        self._spacing_ms = spacing_ms
        self._wanted = None
        self._tries = 0
        self._pulsed_at = None

    def tick(self, now: int, wanted: int, feedback=None) -> int:
        """The coil to pulse now: ON, OFF or NONE."""
        if feedback is not None:
            self.position = feedback
        if self._wanted is None:  # the start
            self._wanted = wanted
            if self.position is None:
                self.position = wanted
        if wanted != self._wanted:
            self._wanted = wanted
            self._tries = _TRIES
        if self.position == wanted:
            self._tries = 0
        if not self._tries or not self._may(now):
            return NONE
        self._tries = self._tries - 1 if feedback is not None else 0
        self._pulsed_at = now
        self.position = wanted if feedback is None else feedback
        return ON if wanted else OFF

    def _may(self, now):
        if self._pulsed_at is None:
            return True
        waited = elapsed(now, self._pulsed_at)
        if waited >= self._spacing_ms:
            self._pulsed_at = None
            return True
        return False
