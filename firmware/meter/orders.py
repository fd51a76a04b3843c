# SPDX-License-Identifier: MIT
"""What a meter can be told: each order is done, or refused with an application error.

All of them return 0 or the error, and note in the ring of events what a later reader has to
know.  What a master has set itself goes before the configuration from then on.
"""

from micropython import const

from . import events, keys
from .demand import MINUTES
from .pulses import PulseInput
from .refusal import BUSY, LOCKED, NOT_POSSIBLE, OUT_OF_RANGE

_LEAST_RATIO = const(5)
_MOST_RATIO = const(6000)
_MOST_SPECIAL = const(99_999_999)


class Orders:
    """Orders to one meter; now is the tick at which they come."""

    def __init__(self, meter):
        self._meter = meter

    def set_clock(self, seconds: int, now: int, summer=None) -> int:
        """Set date and time: local seconds since 2000."""
        before = self._settled(now)
        return self._clock_set(self._meter.clock.set(seconds, now, summer), before)

    def set_date(self, year: int, month: int, day: int, now: int) -> int:
        """Set the date alone; the clock is valid when the time of day is known too."""
        before = self._settled(now)
        return self._clock_set(self._meter.clock.set_date(year, month, day, now), before)

    def set_time(self, seconds: int, now: int) -> int:
        """Set the time of day alone, in seconds since midnight."""
        before = self._settled(now)
        hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
        return self._clock_set(self._meter.clock.set_time(hour, minute, second, now), before)

    def _settled(self, now):
        """The time by the old clock, when all that came before is counted by it."""
        self._meter.tick(now)
        return self._meter.clock.seconds

    def _clock_set(self, done, before):
        if not done:
            return OUT_OF_RANGE
        self._meter.clock_orders += 1
        self._meter.note(events.CLOCK_SET, before)
        return 0

    def shift_clock(self, offset_s: int, now: int) -> int:
        """Add an offset to the clock, or subtract one below zero."""
        self._settled(now)
        clock = self._meter.clock
        if not clock.valid:
            return NOT_POSSIBLE
        if not clock.adjust(offset_s, now):
            return OUT_OF_RANGE
        self._meter.clock_orders += 1
        self._meter.note(events.CLOCK_SHIFTED, offset_s)
        return 0

    def set_tariff(self, tariff: int) -> int:
        """Another tariff, if the bus is what tells it."""
        meter = self._meter
        if meter.prepayment:
            return NOT_POSSIBLE  # prepaid energy knows no tariffs
        return self._done(meter.tariff.command(tariff))

    def breaker(self, control: int, now: int) -> int:
        """Disconnect, connect, or release for connection by hand."""
        meter = self._meter
        if not meter.breaker:
            return NOT_POSSIBLE
        return self._done(meter.breaker.command(control, now, meter.inhibited))

    def debiting_stop(self, now: int) -> int:
        """Close the debiting period; at most once a minute."""
        meter = self._meter
        meter.tick(now)  # which may have made one by schedule
        if not meter.schedule.may(now):
            return BUSY
        meter.schedule.commanded(now)
        meter.close_period()
        return 0

    def freeze(self, now: int) -> int:
        """Show the present values as storage 1 until the next freeze or debiting stop."""
        meter = self._meter
        meter.tick(now)
        meter.history.frozen = meter.period(meter.history.closed)
        meter.changed = True
        return 0

    def clear_resettable(self, kind: int) -> int:
        """Begin a resettable counter anew."""
        if not self._meter.kinds >> kind & 1:
            return NOT_POSSIBLE
        self._meter.energy.clear(kind)
        return self._done(0)

    def prepayment_mode(self, mode: int) -> int:
        """Prepayment on or off."""
        return self._prepayment(lambda part: part.set_mode(mode))

    def add_credit(self, credit: int) -> int:
        """More credit, in 10 Wh."""
        return self._prepayment(lambda part: part.add(credit))

    def set_credit(self, credit: int) -> int:
        """Another credit, in 10 Wh."""
        return self._prepayment(lambda part: part.set(credit))

    def _prepayment(self, order):
        part = self._meter.prepayment
        return self._done(order(part)) if part else NOT_POSSIBLE

    def set_threshold(self, watts: int) -> int:
        """Another power threshold, 0 for none."""
        return self._done(self._meter.threshold.set(watts))

    def set_special(self, which: int, digits: int) -> int:
        """Special data 1 or 2 (from 0), eight decimal digits."""
        if not 0 <= digits <= _MOST_SPECIAL:
            return OUT_OF_RANGE
        self._meter.special[which] = digits
        return self._done(0)

    def set_ratio(self, ratio: int) -> int:
        """Another transformer ratio x / 5 A, while it is not locked."""
        meter = self._meter
        if not meter.secondary:
            return NOT_POSSIBLE
        if meter.ratio_locked:
            return LOCKED
        if not _LEAST_RATIO <= ratio <= _MOST_RATIO:
            return OUT_OF_RANGE
        meter.ratio = ratio
        meter.note(events.RATIO, ratio)
        return self._set(keys.RATIO)

    def lock_ratio(self, lock: int, trusted: bool = False) -> int:
        """Lock the ratio; unlock it only for a trusted master, else the local tool does."""
        meter = self._meter
        if not meter.secondary:
            return NOT_POSSIBLE
        if not 0 <= lock <= 1:
            return OUT_OF_RANGE
        if not lock:
            if meter.ratio_locked and not trusted:
                return LOCKED
            if meter.ratio_locked:
                meter.ratio_locked = 0
                meter.note(events.RATIO_LOCK, 0)
            return 0
        if not meter.ratio_locked:
            meter.ratio_locked = 1
            meter.note(events.RATIO_LOCK, 1)
        return 0

    def unlock_ratio(self):
        """What the local tool may do."""
        self._meter.ratio_locked = 0
        self._meter.note(events.RATIO_LOCK, 0)

    def preset_pulses(self, which: int, value: int) -> int:
        """Make the register of input 0 or 1 show this value."""
        return self._done(self._meter.pulses[which].preset(value))

    def set_weight(self, which: int, pulses: int) -> int:
        """Another weight of input 0 or 1, in pulses per unit."""
        meter = self._meter
        one = meter.pulses[which]
        if meter.is_source(which) and not (pulses and meter.takes(_weight(one, pulses))):
            return OUT_OF_RANGE
        code = one.set_weight(pulses)
        if code:
            return code
        if meter.is_source(which):
            meter.source.set_weight(one.weight)
        return self._set(keys.WEIGHT_1 + which)

    def set_period(self, minutes: int) -> int:
        """Another integration period of demand; the running one does not count."""
        if minutes not in MINUTES:
            return OUT_OF_RANGE
        if minutes != self._meter.demand.minutes:
            self._meter.demand.set_minutes(minutes)
        return self._set(keys.PERIOD_MIN)

    def set_tariff_source(self, source: int) -> int:
        """Input, bus or clock."""
        return self._meter.tariff.set_source(source) or self._set(keys.TARIFF_SOURCE)

    def set_inverted(self, inverted: int) -> int:
        """Whether the tariff input is inverted."""
        return self._meter.tariff.set_inverted(inverted) or self._set(keys.TARIFF_INVERTED)

    def _set(self, index):
        self._meter.written |= 1 << index
        return self._done(0)

    def _done(self, code):
        if not code:
            self._meter.changed = True
        return code


def _weight(one, pulses):
    return PulseInput(one.unit, pulses).weight
