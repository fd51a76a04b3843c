# SPDX-License-Identifier: MIT
"""What is wired to the pins of a chip: contacts, mains behind an optocoupler, a relay, a bus."""

from rp2040py.gpio_pin import GPIOPinState

from .lines import Line

_INVERT = 1  # of a pad's overrides


class Pin:
    """A pin seen from outside.

    edges      (us, level) of each change of what the chip drives
    listeners  called with the level at each of them
    """

    def __init__(self, gpio, scheduler, steps):
        self._gpio, self._scheduler, self._steps = gpio, scheduler, steps
        self._driven = None
        self.edges = []
        self.listeners = []
        gpio.add_listener(self._changed)

    def _changed(self, state, _before):
        level = int(state == GPIOPinState.HIGH)
        self.edges.append((self._scheduler.now_us, level))
        for listener in self.listeners:
            listener(level)

    @property
    def driven_high(self) -> bool:
        """Whether the chip drives it, and high."""
        return bool(self._gpio.output_enable and self._gpio.output_value)

    @property
    def inverted(self) -> tuple:
        """(whether its pad inverts what comes in, what goes out)."""
        return self._gpio.input_override == _INVERT, self._gpio.output_override == _INVERT

    def has_function(self, number: int) -> bool:
        return self._gpio.function_select == number

    def drive(self, level: int):
        """Force a level on it from outside."""
        if level != self._driven:
            self._driven = level
            with self._steps.now():
                self._gpio.set_input_value(bool(level))

    def release(self):
        """Leave it to its pull-up."""
        self._driven = None
        with self._steps.now():
            self._gpio.release_input()


class Contact:
    """A contact to ground that bounces: at each change it opens and closes for a while.

    closed  how often it was closed so far
    """

    def __init__(self, pin, scheduler, chance=None, bounce_us: float = 0):
        self._pin, self._scheduler, self._chance = pin, scheduler, chance
        self._bounce_us = bounce_us
        self.closed = 0
        self._running = False

    def set(self, closed: bool):
        """Close or open it now."""
        self.closed += closed
        level = int(not closed)
        left, at = self._bounce_us, 0
        while left > 0:
            at += self._chance.uniform(50, 1500)
            left = self._bounce_us - at
            if left > 0:
                self._scheduler.after(at, lambda level=level: self._pin.drive(level))
                level = 1 - level
        self._pin.drive(int(not closed))
        if self._bounce_us:
            self._scheduler.after(self._bounce_us, lambda: self._pin.drive(int(not closed)))

    def run(self, period_us: float, closed_us: float, jitter_us: float = 0, count=None):
        """Close it once a period, so long, until stop() or so often."""
        self._running = True
        begin = self._scheduler.now_us
        made = 0

        def close(n):
            nonlocal made
            if not self._running or made == count:
                return
            made += 1
            self.set(True)
            self._scheduler.after(closed_us, lambda: self.set(False))
            late = self._chance.uniform(0, jitter_us) if jitter_us else 0
            self._scheduler.at(begin + (n + 1) * period_us + late, lambda: close(n + 1))

        close(0)

    def stop(self):
        """No more pulses after this one."""
        self._running = False


class Mains:
    """230 V behind an optocoupler: low for a part of each period while it is there."""

    def __init__(self, pin, scheduler, period_us: float = 20_000, low_us: float = 6_000):
        self._pin, self._scheduler = pin, scheduler
        self._period_us, self._low_us = period_us, low_us
        self.present = False
        pin.drive(1)

    def set(self, present: bool):
        """Switch it."""
        if present and not self.present:
            self.present = True
            self._wave()
        self.present = present

    def _wave(self):
        if self.present:
            self._pin.drive(0)
            self._scheduler.after(self._low_us, lambda: self._pin.drive(1))
            self._scheduler.after(self._period_us, self._wave)


class Relay:
    """A bistable relay with two coils and a contact that tells its state.

    pulses   (coil, begin_us, length in us) of each; a coil is "on" or "off"
    overlaps whether both coils were ever on at once
    """

    def __init__(self, on, off, feedback, scheduler, least_us: float = 20_000):
        self.closed, self.overlaps, self.pulses = True, False, []
        self._feedback, self._scheduler, self._least_us = feedback, scheduler, least_us
        self._since = {}
        for coil, pin in (("on", on), ("off", off)):
            pin.listeners.append(lambda level, coil=coil: self._coil(coil, level))
        feedback.drive(0)

    def _coil(self, coil, level):
        now = self._scheduler.now_us
        if level:
            self._since[coil] = now
            self.overlaps = self.overlaps or len(self._since) == 2
        elif coil in self._since:
            begin = self._since.pop(coil)
            self.pulses.append((coil, begin, now - begin))
            if now - begin >= self._least_us:
                self.closed = coil == "on"
                self._feedback.drive(int(not self.closed))


class Transceiver:
    """Between the pins of a UART and the bus: line `down` is what a master says, `up` what the
    chip says.  It may invert, as some do; then the chip is to undo that."""

    _UART = 2  # the function of a pin that leads to a UART

    def __init__(self, uart, tx, rx, invert_tx=False, invert_rx=False):
        self.down, self.up = Line(), Line()
        self._uart, self._tx, self._rx = uart, tx, rx
        self._invert_tx, self._invert_rx = invert_tx, invert_rx
        self.down.listeners.append(self._hear)
        uart.tx.listeners.append(self._say)
        self._hear(1)

    def is_muxed(self, rx: bool) -> bool:
        """Whether the pin leads to the UART."""
        return (self._rx if rx else self._tx).has_function(self._UART)

    def _hear(self, level):
        pad = level ^ self._invert_rx
        self._rx.drive(pad)
        self._uart.rx.set("pin", pad ^ self._rx.inverted[0])

    def _say(self, level):
        self.up.set("pin", level ^ self._tx.inverted[1] ^ self._invert_tx)

    def refresh(self):
        """What a pad does may have changed."""
        self._hear(self.down.level)
        self._say(self._uart.tx.level if self.is_muxed(False) else 1 ^ self._invert_tx)
