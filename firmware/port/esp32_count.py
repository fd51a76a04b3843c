# SPDX-License-Identifier: MIT
"""Pulses of contacts that close to ground, on the ESP32 family."""

import time

import machine

from micropython import const

_FILTER_NS = const(12_700)  # the longest there is
_COUNT = const(0xFFFFFFFF)
_STEADY_MS = const(30)


class Counted:
    """Counted by the hardware: nothing is lost while Python stands still."""

    def __init__(self, number: int, pin):
        edge = machine.Counter.FALLING
        self._counter = machine.Counter(number, pin, edge=edge, filter_ns=_FILTER_NS)

    def count(self) -> int:
        """32 bits, wrapping."""
        return self._counter.value() & _COUNT


class Sampled:
    """Counted by interrupts that may come late or be left out: up to 5 pulses a second."""

    def __init__(self, _number: int, pin):
        self._pin = pin
        self._total = 0
        self._last = time.ticks_ms()
        pin.irq(self._fell, pin.IRQ_FALLING)

    def _fell(self, _pin):
        now = time.ticks_ms()
        if time.ticks_diff(now, self._last) >= _STEADY_MS:
            self._total += 1
        self._last = now

    def count(self) -> int:
        """32 bits, wrapping."""
        return self._total & _COUNT
