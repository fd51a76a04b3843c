# SPDX-License-Identifier: MIT
"""The 230 V tariff input: is there voltage, told from what its optocoupler gives.

Without smoothing that is one pulse for each period of the mains, or two, with smoothing a
steady level.  Windows of 100 ms are judged one by one: a window that took longer than it
should, as while flash is written, says nothing.  The level that is decided changes only after
so many equal windows in a row, and not again within the hold-off.
"""

from micropython import const

from .ticks import elapsed

MODES = ("auto", "pulses", "level")

_WINDOW_MS = const(100)
_TOO_LONG_MS = const(150)
_PULSES = const(3)  # of the 5 at 50 Hz
_UNSURE = const(-1)


class TariffInput:
    """Decides by pulses, by level, or by either of them (auto).

    level    0 or 1: whether there is voltage; None until that is decided
    windows  so many equal ones decide
    hold_ms  the least time between two changes
    """

    def __init__(self, mode: str = "auto", windows: int = 5, hold_ms: int = 2000):
        if mode not in MODES:
            raise ValueError("tariff input by %s: allowed are auto, pulses, level" % mode)
        self._by_pulses = mode != "level"
        self._by_level = mode != "pulses"
        self._windows = windows
        self._hold_ms = hold_ms
        self.level = None
        self._changed_at = None
        self._seen = _UNSURE  # what the windows in a row said
        self._row = 0
        self._begin = None
        self._pulses = self._samples = self._active = 0

    def sample(self, now: int, pulses: int, active: int):
        """Pulses counted since the last sample, and whether the input is active now; the level.

        To be called many times in each window.
        """
        if self._begin is None:
            self._start(now)
            return self.level
        self._pulses += pulses
        self._samples += 1
        self._active += active
        took = elapsed(now, self._begin)
        if took >= _WINDOW_MS:
            if took <= _TOO_LONG_MS:
                self._judge(now)
            self._start(now)
        return self.level

    def _start(self, now):
        self._begin = now
        self._pulses = self._samples = self._active = 0

    def _judge(self, now):
        seen = self._window()
        self._row = self._row + 1 if seen == self._seen else 1
        self._seen = seen
        if seen in (_UNSURE, self.level) or self._row < self._windows:
            return
        if self._changed_at is not None and elapsed(now, self._changed_at) < self._hold_ms:
            return
        self.level = seen
        self._changed_at = now

    def _window(self):
        """What the window that ends says."""
        if self._by_pulses and self._pulses >= _PULSES:
            return 1
        if self._by_level and self._active * 10 >= self._samples * 9:
            return 1
        few = self._pulses == 0 or not self._by_pulses
        return 0 if few and self._active * 10 <= self._samples else _UNSURE
