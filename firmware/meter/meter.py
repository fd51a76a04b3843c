# SPDX-License-Identifier: MIT
"""The meter: joins clock, registers, demand, tariff, periods, breaker and what feeds them.

It goes on with tick(), is read by reading.py, commanded by orders.py, kept by state.py.
"""

from micropython import const

from . import events, period
from .breaker import Breaker
from .clock import Clock
from .demand import Demand
from .energy import A_PLUS, CT_WRAP_KWH, R1, R2, R3, R4, R_MINUS, R_PLUS, Energy
from .events import Events
from .history import History
from .live import P_IMPORT, PF, PF_L3, SCALED, U_L1, Live
from .pulses import PulseInput, shown_unit
from .schedule import Schedule
from .sources import PulseSource
from .status import (
    BATTERY_LOW,
    BREAKER_FAULT,
    BREAKER_OPEN,
    CLOCK_INVALID,
    EXCEEDED,
    EXHAUSTED,
    LOAD_PROFILE,
    PHASE_MISSING,
)
from .tariff import Tariff, TimeTable
from .threshold import Threshold

# Alarms (CI 71h).
ALARM_INTERNAL = 0x01
ALARM_PHASE = 0x04
ALARM_BREAKER = 0x08
ALARM_THRESHOLD = 0x10
ALARM_CLOCK = 0x20

RATIO_UNIT = 5  # a ratio of x means x / 5 A

_MOST_SHOWN = const(0x7FFFFFFF)  # in a register of 32 bits
_MISSING_DV = const(1600)  # a phase below so many 0.1 V is missing
_SUMS = ((R_PLUS, R1, R2), (R_MINUS, R3, R4))


def _source(config, pulses):
    """What feeds the registers, or None."""
    if config.source == "load_profile":
        # Large, and for a meter that measures never loaded.
        from .household import HouseholdSource

        return HouseholdSource(config.phases, config.meter)
    if config.source == "host":
        from .hostsource import HostSource

        return HostSource()
    if config.source == "none":
        return None
    return PulseSource(pulses[config.source == "pulse2"].weight)


def _breaker(config):
    return Breaker(config.reconnect == "remote", config.relay_ms, config.relay_spacing_s * 1000)


def _prepayment():
    # Few meters have it, and the others have better use for the heap.
    from .prepayment import Prepayment

    return Prepayment()


def _kinds(source):
    """The kinds of energy that have a source, a bit each."""
    kinds = 0
    for kind in source.kinds if source else ():
        kinds |= 1 << kind
    for total, one, other in _SUMS:
        if kinds >> one & kinds >> other & 1:
            kinds |= 1 << total
    return kinds


class Meter:
    """A meter as its configuration (node/config.py) says, from the tick now on.

    kinds         the kinds of energy.py that have a source, a bit each
    tariff_level  the debounced tariff input, None while it is not decided
    feedback      the contact of the breaker, None if there is none
    changed       something is to be stored at once; counting: something has been counted
    written       what a master has set, a bit for each index of keys.py
    fed           the tariff that energy was last counted under
    clock_orders  how often the clock was set or shifted
    alarms        what a master has not seen yet, see above
    """

    def __init__(self, config, now: int):
        self.config = config
        self.clock = Clock(now, 0, 0, config.dst, config.utc_offset_min)
        self.energy = Energy(10, 1000, CT_WRAP_KWH) if config.ct else Energy()
        self.secondary = Energy(1, 1, 1_000_000) if config.ct else None
        self.demand = Demand(config.period_min)
        table = TimeTable(config.tariff_table)
        self.tariff = Tariff(1, config.tariff_source, config.tariff_inverted, table)
        self.schedule = Schedule(config.debit_day, config.debit_minute)
        legacy = config.profile == "legacy"
        self.pulses = tuple(
            PulseInput(unit, pulses, per, shown_unit(n, unit, legacy))
            for n, unit, (pulses, per) in (
                (1, config.pulse1_unit, config.pulse1_weight),
                (2, config.pulse2_unit, config.pulse2_weight),
            )
        )
        self.source = _source(config, self.pulses)
        self.kinds = _kinds(self.source)
        self.breaker = _breaker(config) if config.breaker else None
        self.prepayment = _prepayment() if config.prepayment else None
        self.threshold = Threshold()
        self.live = Live()
        self.history = History()
        self.events = Events()
        self.ratio = config.ratio
        self.ratio_locked = 0
        self.special = [0, 0]
        self.verification = [0, 0]  # what is added to the verification registers, 0.1 Wh
        self.alarms = 0
        self.changed = self.counting = False
        self.fed = 1
        self.written = 0
        self.clock_orders = 0
        self.tariff_level = self.feedback = None
        self.seen = CLOCK_INVALID  # the status bits at the last tick; so it begins
        self._changes = 0  # of the breaker
        self._total = None  # A+ at the last tick

    def tick(self, now: int):
        """All that goes on with time, at least once a minute, better each second."""
        clock = self.clock
        seconds = clock.tick(now)
        self.demand.tick(clock.standard, clock.valid)
        if self.source:
            self.source.tick(now, seconds, self)
        if self.tariff.tick(self.tariff_level, seconds, clock.valid):
            self.changed = True
        self._watch_power(now)
        if self.schedule.due(seconds, clock.valid, now):
            self.schedule.made(seconds, now)
            self.close_period()
        if self.breaker:
            self._watch_breaker(now)
        self._watch_status()

    def add(self, kind: int, numerator: int, denominator: int):
        """The source has measured so much, in Wh or varh at the terminals."""
        if self._cut_off():
            return
        self.fed = tariff = 1 if self.prepayment else self.tariff.active
        if self.secondary:
            self.secondary.add(kind, numerator, denominator, tariff)
            numerator *= self.ratio
            denominator *= RATIO_UNIT
        self.energy.add(kind, numerator, denominator, tariff)
        self.demand.add(kind, numerator, denominator, tariff)
        self.counting = True

    def takes(self, weight) -> bool:
        """Whether pulses of this weight go with the remainders there are, at any ratio."""
        n, d = weight.numerator, weight.denominator
        if not self.secondary:
            return self.energy.takes(n, d)
        return self.secondary.takes(n, d) and self.energy.takes(1, d * RATIO_UNIT)

    def pulse(self, which: int, n: int, now: int):
        """Input 0 or 1 has seen so many pulses by the tick now."""
        self.pulses[which].add(n)
        self.counting = True
        if self.is_source(which):
            self.source.pulses(n, now)

    def button(self, now: int) -> bool:
        """The button at the breaker was pressed: True if that connects the supply."""
        connects = bool(self.breaker) and self.breaker.button(now, self.inhibited)
        self.changed = self.changed or connects
        return connects

    def is_source(self, which: int) -> bool:
        """Whether A+ comes from this pulse input."""
        return self.config.source == "pulse%d" % (which + 1)

    def power(self, index: int):
        """A value of live.py; of a CT meter as at the primary side."""
        value = self.live.value(index)
        flows = index >= P_IMPORT or index in SCALED
        if value is not None and self._cut_off():
            if PF <= index <= PF_L3:
                return None
            return 0 if flows else value
        if value is None or not self.secondary or not flows:
            return value
        shown = min(abs(value) * self.ratio // RATIO_UNIT, _MOST_SHOWN)
        return shown if value >= 0 else -shown

    def _cut_off(self):
        # What a household draws behind an open breaker is told by nobody else.
        emulated = self.config.source == "load_profile"
        return emulated and self.breaker and not self.breaker.closed

    def note(self, code: int, value: int = 0):
        """Put an event into the ring, with the time if it is known."""
        self.events.record(code, self.clock.seconds if self.clock.valid else None, value)
        self.changed = True

    def close_period(self):
        """A debiting stop, of whatever cause, in one step; the running demand goes on."""
        octets = self.period(self.history.closed + 1)
        self.history.close(octets)
        self.demand.debiting_stop()
        self.note(events.DEBITING_STOP, self.history.closed)

    def period(self, number: int) -> bytes:
        """What belongs to a closed period, as it is now."""
        end = self.clock.seconds if self.clock.valid else period.NO_TIME
        return period.make(self.energy, self.demand, end, number, self.kinds)

    @property
    def inhibited(self) -> bool:
        """Whether the supply must not be connected."""
        if self.prepayment and self.prepayment.exhausted:
            return True
        return self.config.threshold_opens and self.threshold.exceeded

    def _watch_power(self, now):
        watts = self.power(P_IMPORT)
        if self.threshold.tick(watts):
            self.note(events.THRESHOLD_EXCEEDED, watts)
            self.alarms |= ALARM_THRESHOLD
            if self.config.threshold_opens:
                self.breaker.trip(now)
        if not self.prepayment:
            return
        total = self.energy.value(A_PLUS)
        if self.prepayment.consume(total, self.energy.wrap(A_PLUS)):
            self.note(events.CREDIT_EXHAUSTED)
        # Switched on without credit it opens with the first energy that is drawn.
        if self.prepayment.exhausted and self._total not in (None, total):
            self.breaker.trip(now)
        self._total = total

    def _watch_breaker(self, now):
        breaker = self.breaker
        breaker.tick(now, self.feedback)
        if breaker.changes != self._changes:
            self._changes = breaker.changes
            self.alarms |= ALARM_BREAKER
            self.note(events.BREAKER_CLOSED if breaker.closed else events.BREAKER_OPENED)

    def _watch_status(self):
        status = self.status()
        began = status & ~self.seen
        self.seen = status
        if began & (PHASE_MISSING * 7):
            self.alarms |= ALARM_PHASE
        if began & CLOCK_INVALID:
            self.alarms |= ALARM_CLOCK
        if began & BREAKER_FAULT:
            self.alarms |= ALARM_INTERNAL

    def status(self) -> int:
        """The bits of the meter status register that the meter knows."""
        status = LOAD_PROFILE if self.config.source == "load_profile" else 0
        for phase in range(self.config.phases):
            voltage = self.live.values[U_L1 + phase]
            if voltage is not None and voltage < _MISSING_DV:
                status |= PHASE_MISSING << phase
        if self.breaker:
            status |= 0 if self.breaker.closed else BREAKER_OPEN
            status |= BREAKER_FAULT if self.breaker.fault else 0
        if self.threshold.exceeded:
            status |= EXCEEDED
        if not self.clock.valid:
            status |= CLOCK_INVALID
        if self.clock.battery_low:
            status |= BATTERY_LOW
        if self.prepayment and self.prepayment.exhausted:
            status |= EXHAUSTED
        return status
