# SPDX-License-Identifier: MIT
"""Joins what a port sees and moves (port/__init__.py) to the meter: some 50 times a second.

Pulses are counted by the port's hardware; here they are only collected.
"""

from mbus.timing import elapsed
from meter import relay
from meter.tariffinput import TariffInput
from micropython import const

_INPUTS = const(2)
_COUNT = const(0xFFFFFFFF)
_BUTTON_MS = const(1000)  # it is held so long on purpose


class Senses:
    """The inputs and coils of one module."""

    def __init__(self, module, config, inputs, coils):
        self._module = module
        self._meter = meter = module.meter
        self._inputs = inputs
        self._coils = coils
        self._locked = config.lock
        self._counts = [inputs.pulses(n) for n in range(_INPUTS)]
        self._tariff = TariffInput(config.tariff_input)
        self._relay = None
        if meter.breaker and coils:
            spacing_ms = config.relay_spacing_s * 1000
            self._relay = relay.Relay(meter.breaker.closed, config.relay_ms, spacing_ms)
        self._pressed_at = None
        module.sampled = inputs.sampled

    def poll(self, now: int):
        """Look at all inputs, and pulse a coil where that is due."""
        meter, inputs = self._meter, self._inputs
        for n in range(_INPUTS):
            self._count(n, now)
        seen = inputs.tariff()
        if seen:
            meter.tariff_level = self._tariff.sample(now, seen[0], seen[1])
        if meter.breaker:
            self._press(inputs.button(), now)
        if self._relay:
            self._drive(now)
        self._module.locked = self._locked or bool(inputs.lock())
        self._watch_power(inputs.power_good() is False, now)

    def _watch_power(self, low, now):
        module = self._module
        if low and not module.power_low:
            module.power_fails(now)
        module.power_low = low

    def _count(self, n, now):
        meter, total = self._meter, self._inputs.pulses(n)
        if total is None:
            return
        more = (total - self._counts[n]) & _COUNT
        if more:
            self._counts[n] = total
            meter.pulse(n, more, now)
        meter.pulses[n].level = self._inputs.level(n)

    def _press(self, down, now):
        if not down:
            self._pressed_at = None
        elif self._pressed_at is None:
            self._pressed_at = now
        elif self._pressed_at >= 0 and elapsed(now, self._pressed_at) >= _BUTTON_MS:
            self._pressed_at = -1  # once for each time it is held
            self._meter.button(now)

    def _drive(self, now):
        contact = self._coils.feedback()
        coil = self._relay.tick(now, self._meter.breaker.wanted, contact)
        if coil != relay.NONE:
            self._coils.pulse(coil, self._relay.pulse_ms)
        # Without a contact it is where it was pulsed to last.
        self._meter.feedback = self._relay.position
