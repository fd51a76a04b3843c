# SPDX-License-Identifier: MIT
"""The pads of a chip, what is attached to them outside, and machine.Pin.

Something outside is an object with level(us) -> 0, 1 or None (it drives nothing), and
next_change(us) -> when its level changes next, None where it tells by pad.changed() itself.
"""

NONE, UP, DOWN = 0, 1, 2
_FALL, _RISE = 1, 2
_SAME = object()  # irq() without arguments only returns the object that has flags()


class Pad:
    """out is None for an input; listeners are called with each level it goes to."""

    def __init__(self, chip, number):
        self.chip = chip
        self.number = number
        self.outside = None
        self.listeners = []  # of the world: they stay over resets
        self._event = None
        self.reset()
        self._last = self.level()

    def reset(self):
        """As after a hard reset."""
        self.out = None
        self.pull = self.chip.PULL_AT_RESET
        self.open_drain = False
        self.soft_reset()

    def soft_reset(self):
        """Handlers and what counts edges are gone; levels stay."""
        self.pin = self.handler = None
        self.trigger = self.latched = self.flags = 0
        self.hard = False
        self.counters = []
        self.chip.clock.cancel(self._event)
        self._event = None

    def attach(self, outside):
        """Connect something outside to the pad; returns it."""
        self.outside = outside
        self.changed()
        self.watch()
        return outside

    def level(self):
        """0 or 1, as an input buffer would see it."""
        if self.out is not None and not (self.open_drain and self.out):
            return self.out
        level = self.outside.level(self.chip.clock.now) if self.outside else None
        return (self.pull == UP) * 1 if level is None else level

    def drive(self, out):
        self.out = out
        self.changed()

    def watch(self):
        """Look at every edge from now on, where somebody wants to see them."""
        if not (self._event or self.handler or self.counters or self.listeners):
            return
        clock = self.chip.clock
        clock.cancel(self._event)
        at = self.outside.next_change(clock.now) if self.outside else None
        self._event = None if at is None else clock.at(at, self._edge)

    def _edge(self, _):
        self._event = None
        self.changed()
        self.watch()

    def changed(self):
        """Compare the level with what it was, and tell who wants to know."""
        level = self.level()
        if level == self._last:
            return
        self._last = level
        for listener in self.listeners:
            listener(level)
        for counter in self.counters:
            counter(level)
        edge = _RISE if level else _FALL
        if self.handler and self.trigger & edge:
            self.latched |= edge  # one of each kind: more are lost while interrupts are off
            self.chip.core.interrupt(self)

    def service(self):
        self.flags, self.latched = self.latched, 0
        self.chip.core.handle(self.hard, self.handler, self.pin)


class PinBase:
    """machine.Pin; _chip and the constants come with the class made for a chip."""

    _chip = None

    def __init__(self, _id, mode=-1, pull=-1):
        self._pad = self._chip.pad(_id._pad.number if isinstance(_id, PinBase) else _id)
        self._set(mode, pull, None)

    def _set(self, mode, pull, value):
        pad = self._pad
        if pull is None:
            pad.pull = NONE
        elif pull != -1:
            if pull not in (self.PULL_UP, self.PULL_DOWN):
                raise ValueError("invalid pull")
            pad.pull = UP if pull == self.PULL_UP else DOWN
        if mode == self.IN:
            pad.drive(None)
        elif mode in (self.OUT, self.OPEN_DRAIN):
            pad.open_drain = mode == self.OPEN_DRAIN
            before = pad.out or 0
            pad.drive(before if value is None else 1 if value else 0)
        elif mode != -1:
            raise ValueError("invalid pin mode")
        elif value is not None:
            self._put(value)
        pad.changed()

    def _put(self, value):
        core = self._chip.core
        n = core.open_heap()
        if self._pad.out is not None:
            self._pad.drive(1 if value else 0)
        core.close_heap(n)

    def value(self, _x=None):
        core = self._chip.core
        if _x is not None:
            self._put(_x)
            level = None
        else:
            n = core.open_heap()
            level = self._pad.level()
            core.close_heap(n)
        core.spend(2)
        return level

    def __call__(self, _x=None):
        return self.value(_x)

    def on(self):
        self._put(1)

    def off(self):
        self._put(0)

    def toggle(self):
        self._put(not self._pad.out)

    def _listen(self, handler, trigger, hard):
        pad = self._pad
        if handler is _SAME:
            return self
        if trigger & ~(self.IRQ_FALLING | self.IRQ_RISING) or not trigger:
            raise ValueError("invalid trigger")
        pad.pin, pad.handler, pad.hard = self, handler, hard
        pad.trigger = bool(trigger & self.IRQ_FALLING) * _FALL
        pad.trigger |= bool(trigger & self.IRQ_RISING) * _RISE
        pad.latched = 0
        pad.watch()
        return self

    def flags(self):
        """Of the object that irq() returns: what has called the handler."""
        flags = self._pad.flags
        falling, rising = flags & _FALL and self.IRQ_FALLING, flags & _RISE and self.IRQ_RISING
        return falling | rising


class RpPin(PinBase):
    """As on rp2."""

    IN, OUT, OPEN_DRAIN, ALT = 0, 1, 2, 3
    PULL_UP, PULL_DOWN = 1, 2
    IRQ_FALLING, IRQ_RISING = 4, 8

    def __init__(self, _id, mode=-1, pull=-1, *, value=None, alt=None):
        super().__init__(_id)
        self._set(mode, pull, value)

    def init(self, mode=-1, pull=-1, *, value=None, alt=None):
        self._set(mode, pull, value)

    def irq(self, handler=_SAME, trigger=12, *, hard=False):
        return self._listen(handler, trigger, hard)

    def high(self):
        self._put(1)

    def low(self):
        self._put(0)


class EspPin(PinBase):
    """As on esp32: its interrupts are soft, and only inputs and outputs it knows can be read."""

    IN, OUT, OPEN_DRAIN = 1, 3, 7
    PULL_UP, PULL_DOWN = 2, 1
    IRQ_FALLING, IRQ_RISING = 2, 1
    DRIVE_0, DRIVE_1, DRIVE_2, DRIVE_3 = 0, 1, 2, 3

    def __init__(self, _id, mode=-1, pull=-1, *, value=None, drive=None):
        super().__init__(_id)
        self._set(mode, pull, value)

    def init(self, mode=-1, pull=-1, *, value=None, drive=None):
        self._set(mode, pull, value)

    def irq(self, handler=_SAME, trigger=3, *, wake=None):
        return self._listen(handler, trigger, False)
