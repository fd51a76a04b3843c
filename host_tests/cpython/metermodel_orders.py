# SPDX-License-Identifier: MIT
"""What the model of a whole meter does when it is told to: application errors, or 0."""

from fractions import Fraction

from meter import events

NOT_POSSIBLE, OUT_OF_RANGE, LOCKED, BUSY = 0x11, 0x12, 0x10, 0x08


class Orders:
    """The orders of metermodel_whole.Model."""

    def debiting_stop(self):
        if not self.stops.may(self.ms):
            return BUSY
        self.stops.at_ms = self.ms
        return self.close()

    def freeze(self):
        self.frozen = self.snapshot()
        return 0

    def set_clock(self, change):
        before = self.clock.local
        change(self.clock)
        self.note(events.CLOCK_SET, before)
        return 0

    def shift(self, offset_s):
        if not self.clock.valid:
            return NOT_POSSIBLE
        self.clock.shift(offset_s)
        self.note(events.CLOCK_SHIFTED, offset_s)
        return 0

    def set_tariff(self, tariff):
        if self.config.prepayment or self.tariff_source != 1:
            return NOT_POSSIBLE
        self.tariff = tariff
        return 0

    def breaker(self, control):
        if not self.config.breaker or (control == 2 and self.control == 1):
            return NOT_POSSIBLE
        if control == self.control == 1:
            return 0
        exhausted = self.mode == 1 and not self.credit
        if control and (exhausted or (self.config.threshold_opens and self.exceeded)):
            return NOT_POSSIBLE
        manual = control and self.config.reconnect != "remote"
        self.become(2 if manual else control)
        return 0

    def prepay(self, mode):
        if not self.config.prepayment:
            return NOT_POSSIBLE
        self.mode = mode
        self.credit = self.credit if mode else 0
        return 0

    def set_credit(self, credit, add=False):
        if not self.config.prepayment or not self.mode:
            return NOT_POSSIBLE
        credit += self.credit if add else 0
        if credit > 999_999_900:
            return OUT_OF_RANGE
        self.credit = credit
        return 0

    def clear(self, kind):
        if kind not in self.kinds:
            return NOT_POSSIBLE
        self.primary.since[kind] = Fraction(0)
        return 0

    def set_ratio(self, ratio):
        if not self.secondary:
            return NOT_POSSIBLE
        if self.ratio_lock:
            return LOCKED
        self.ratio = ratio
        self.note(events.RATIO, ratio)
        return 0

    def lock_ratio(self):
        if not self.secondary:
            return NOT_POSSIBLE
        if not self.ratio_lock:
            self.ratio_lock = 1
            self.note(events.RATIO_LOCK, 1)
        return 0

    def set_weight(self, which, pulses):
        self.weights[which] = pulses
        self.worth[which] = Fraction(1000, pulses)
        return 0

    def set_period(self, minutes):
        if minutes * 60 != self.periods.length:
            self.periods.length = minutes * 60
            self.periods.last = None
        return 0

    def set_threshold(self, watts):
        self.threshold, self.exceeded = watts, False
        return 0

    def put(self, name, value, at=None):
        """A setting that nothing refuses."""
        if at is None:
            setattr(self, name, value)
        else:
            getattr(self, name)[at] = value
        return 0

    # What is shown.
