# SPDX-License-Identifier: MIT
"""A model of the whole meter in exact fractions: what it is to show after any history.

It begins with what a meter shows at its start.  tick() and the orders are told to it and to
the meter alike; values() is then what both must agree on, by group and index of keys.py.
"""

from copy import deepcopy
from math import floor

from metermodel import PARTS, Periods
from metermodel_clock import Stops, WallClock
from metermodel_counted import Counted
from metermodel_orders import Orders

from meter import events, keys
from meter.energy import A_MINUS, A_PLUS, R1, R4, R_MINUS, R_PLUS

KIND_OF = (A_PLUS, A_MINUS, R_PLUS, R_MINUS, A_PLUS, A_PLUS)  # of the demands
STORED = [k * 5 + t for k in (A_PLUS, A_MINUS, R_PLUS, R_MINUS) for t in range(5)]
STORED += [R1 * 5, R4 * 5]
RELAY_MS = 200
WITHIN = 1 << 32


class Model(Orders):
    """See above; feeds is what the source measures, given at once and counted at a tick."""

    def __init__(self, meter, worth):
        config = self.config = meter.config
        self.primary = Counted(meter.energy, 10, 1000, 10**9 if config.ct else 10**7)
        self.secondary = Counted(meter.secondary, 1, 1, 10**6) if config.ct else None
        self.offsets = list(meter.verification)
        self.periods = Periods(config.period_min * 60)
        self.periods.maxima = [
            (meter.demand.maximum(q), meter.demand.maximum_time(q)) for q in range(6)
        ]
        self.periods.accumulated = [meter.demand.accumulated(q) for q in range(4)]
        clock = meter.clock
        self.clock = WallClock(
            config.dst == "eu", config.utc_offset_min, clock.standard, clock.valid
        )
        self.clock.on_ms = clock.on_s * 1000
        self.stops = Stops(config.debit_day, config.debit_minute)
        self.closed, self.history, self.frozen = meter.history.closed, {}, None
        self.kinds = [kind for kind in PARTS if meter.kinds >> kind & 1]
        self.events, self.events_total = [], 0
        self.worth = list(worth)  # Wh of a pulse, in fractions
        self.weights = [one.pulses for one in meter.pulses]
        self.pulses = [0, 0]
        self.tariff, self.tariff_source = 1, config.tariff_source
        self.inverted, self.level = int(config.tariff_inverted), None
        self.ratio, self.ratio_lock = config.ratio, 0
        self.special = [0, 0]
        self.mode = self.credit = 0
        self.control = self.closed_relay = 1
        self.moving_since = None
        self.watts, self.threshold, self.exceeded, self.exceeded_count = None, 0, False, 0
        self.pending, self.ms, self.total = [], 0, None
        self.tick()

    # Time.

    def advance(self, ms):
        self.ms += ms
        self.clock.advance(ms)

    def tick(self):
        clock = self.clock
        self.periods.tick(clock.standard, clock.valid)
        for kind, energy in self.pending:
            self.count(kind, energy)
        self.pending = []
        self.switch_tariff()
        self.watch_power()
        if clock.valid and self.stops.due(clock.local, self.ms):
            self.close()
        if self.moving_since is not None and self.ms - self.moving_since >= RELAY_MS:
            self.moving_since = None
            if self.closed_relay != (self.control == 1):
                self.closed_relay = int(self.control == 1)
                self.note(events.BREAKER_CLOSED if self.closed_relay else events.BREAKER_OPENED)

    def count(self, kind, energy):
        tariff = 1 if self.config.prepayment else self.tariff
        if self.secondary:
            self.secondary.add(kind, energy, tariff)
            energy = energy * self.ratio / 5
        self.primary.add(kind, energy, tariff)
        self.periods.add(kind, energy, tariff)

    def switch_tariff(self):
        """By the input; or by a time table that says 2 from 22:00 to 06:00, as the tests do."""
        if self.tariff_source == 0 and self.level is not None:
            self.tariff = 1 + (self.level ^ self.inverted)
        elif self.tariff_source == 2 and self.clock.valid and self.config.tariff_table:
            self.tariff = 1 if 6 <= self.clock.local % 86400 // 3600 < 22 else 2

    def watch_power(self):
        watts = None if self.watts is None else max(self.watts, 0)
        if watts is not None and self.secondary:
            watts = watts * self.ratio // 5
        above = bool(self.threshold) and watts is not None and watts > self.threshold
        if above and not self.exceeded:
            self.exceeded_count += 1
            self.note(events.THRESHOLD_EXCEEDED, watts)
            if self.config.threshold_opens:
                self.become(0)
        self.exceeded = above
        total, before = self.primary.value(A_PLUS), self.total
        self.total = total
        if not self.config.prepayment or before is None or total == before or not self.mode:
            return
        if self.credit:
            self.credit = max(self.credit - (total - before) % self.primary.wrap(A_PLUS), 0)
            if not self.credit:
                self.note(events.CREDIT_EXHAUSTED)
        if not self.credit:
            self.become(0)

    def become(self, control):
        if (control == 1) != (self.control == 1):
            self.moving_since = self.ms
        self.control = control

    def note(self, code, value=0):
        time = self.clock.local if self.clock.valid else events.NO_TIME
        number = self.events_total & 0xFFFF
        self.events.append((time, number, code, value % WITHIN))
        self.events_total += 1
        del self.events[:-64]

    # Orders: 0 or the application error.

    def close(self):
        self.closed += 1
        self.history[self.closed] = self.snapshot()
        self.history.pop(self.closed - 15, None)
        self.frozen = None
        self.periods.debiting_stop()
        self.note(events.DEBITING_STOP, self.closed)
        return 0

    def snapshot(self):
        """(what a closed period holds, its end in standard time where it is a maximum's)."""
        shown = {(keys.ENERGY, i): self.primary.value(i // 5, i % 5) for i in STORED}
        shown |= self.demands()
        shown[keys.OTHER, keys.TIME] = self.clock.local if self.clock.valid else None
        return shown

    def demands(self):
        shown = {}
        for q, (maximum, end) in enumerate(self.periods.maxima):
            shown[keys.MAXIMUM, q] = maximum
            shown[keys.MAXIMUM_TIME, q] = self.clock.to_local(end) if end else None
        for q, total in enumerate(self.periods.accumulated):
            shown[keys.ACCUMULATED, q] = total
        return shown

    def storage(self, n):
        """What storage n shows: a dict, or None where there is no such period."""
        if n == 1 and self.frozen is not None:
            return self.frozen
        return self.history.get(self.closed - n + 1)

    def values(self):
        shown = {}
        for group, side in ((keys.ENERGY, self.primary), (keys.SECONDARY, self.secondary)):
            for i in range(40):
                shown[group, i] = side.value(i // 5, i % 5) if side else None
        shown |= self.demands()
        for kind in (A_PLUS, A_MINUS):
            tenths = self.primary.tenths(kind) + self.offsets[kind]
            shown[keys.VERIFICATION, kind] = tenths % 10**7
            shown[keys.RESETTABLE, kind] = self.primary.resettable(kind)
        for which in (0, 1):
            shown[keys.PULSES, which] = self.pulse_register(which)
        clock = self.clock
        others = {
            keys.TIME: clock.local if clock.valid else None,
            keys.HOURS: clock.on_ms // 3_600_000,
            keys.PERIODS: self.closed % 0x8000,
            keys.TARIFF: self.tariff,
            keys.THRESHOLD: self.threshold,
            keys.THRESHOLD_COUNT: self.exceeded_count,
            keys.CREDIT: self.credit if self.config.prepayment else None,
            keys.PREPAY_MODE: self.mode if self.config.prepayment else None,
            keys.BREAKER_STATE: self.closed_relay if self.config.breaker else None,
            keys.CONTROL: self.control if self.config.breaker else None,
        }
        return shown | {(keys.OTHER, i): v for i, v in {**others, **self.settings()}.items()}

    def settings(self):
        """What orders set and nothing else changes, by index of keys.OTHER."""
        return {
            keys.RATIO: self.ratio if self.secondary else None,
            keys.RATIO_LOCK: self.ratio_lock if self.secondary else None,
            keys.SPECIAL_1: self.special[0],
            keys.SPECIAL_2: self.special[1],
            keys.WEIGHT_1: self.weights[0],
            keys.WEIGHT_2: self.weights[1],
            keys.PERIOD_MIN: self.periods.length // 60,
            keys.TARIFF_SOURCE: self.tariff_source,
            keys.TARIFF_INVERTED: self.inverted,
            keys.PERIODS: self.closed % 0x8000,
            keys.THRESHOLD: self.threshold,
        }

    def shown_in_kwh(self, which):
        return which == 0 and self.config.pulse1_unit == "kWh"

    def pulse_register(self, which):
        if not self.shown_in_kwh(which):
            return self.pulses[which] % 2**31
        return floor(self.pulses[which] * self.worth[which] / 10) % 2**31

    # A stop of the device.

    def copy(self):
        return deepcopy(self)

    def restarted(self, ms, watts):
        """The model of the meter that starts from what is stored, at a power of so many W."""
        again = self.copy()
        again.clock.restart(self.config.source == "host")
        again.pending, again.level, again.total, again.watts = [], None, None, watts
        again.exceeded, again.periods.last, again.stops.at_ms = False, None, None
        moves = again.closed_relay != (again.control == 1)
        again.ms, again.moving_since = ms, 0 if moves else None
        again.tick()
        again.watts = None
        return again
