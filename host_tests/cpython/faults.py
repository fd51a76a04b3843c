# SPDX-License-Identifier: MIT
"""One fault for each thing that the property of the whole meter holds, to be patched in.

A row: what does not hold then, the variant of the meter, the steps, a pattern of the words
in which the property tells it, and the fault, which patches the firmware.
"""

from meter import state
from meter.clock import Clock
from meter.demand import Demand
from meter.energy import Energy
from meter.events import Events
from meter.history import History
from meter.meter import Meter
from meter.orders import Orders
from meter.prepayment import Prepayment
from meter.schedule import Schedule
from node.keeping import Keeping
from node.saved import Saved
from node.store import METER, Store
from node.told import Told
from node.values import Snapshot


def replaced(owner, name, make):
    """A fault: owner.name becomes make(what it was)."""
    return lambda patch: patch.setattr(owner, name, make(getattr(owner, name)))


def total_of_its_own(value):
    def faulty(self, kind, tariff=0):
        rests = sum(self._rests.numerators[kind * 4 : kind * 4 + 4]) if kind < 6 else 0
        whole = 0 if tariff or kind >= 6 else rests // (10 * self._rests.denominator)
        return value(self, kind, tariff) + whole

    return faulty


def rounds_each_increment(add):
    def faulty(self, kind, numerator, denominator, tariff):
        add(self, kind, numerator // denominator, 1, tariff)

    return faulty


def clears_a_tariff_too(clear):
    def faulty(self, kind):
        clear(self, kind)
        self._counts[kind * 4] = 0

    return faulty


def keeps_the_remainder(clear):
    def faulty(self, kind):
        rest = self._rests.numerators[24 + kind]
        clear(self, kind)
        self._rests.numerators[24 + kind] = rest

    return faulty


def cuts_the_ratio(add):
    def faulty(self, kind, numerator, denominator):
        ratio, self.ratio = self.ratio, self.ratio // 5 * 5
        add(self, kind, numerator, denominator)
        self.ratio = ratio

    return faulty


def counts_a_tariff_twice(add):
    def faulty(self, kind, numerator, denominator, tariff):
        add(self, kind, numerator, denominator, tariff)
        if kind == 0 and tariff == 2:
            self._sums.numerators[5] += self._sums.scaled(numerator, denominator)

    return faulty


def believes_every_jump(tick):
    def faulty(self, now, valid=True):
        self._now = now
        tick(self, now, valid)

    return faulty


def forgets_to_accumulate(debiting_stop):
    def faulty(self):
        before = bytes(self._accumulated)
        debiting_stop(self)
        self._accumulated = type(self._accumulated)("I", before)

    return faulty


def does_not_shift(close):
    def faulty(self, octets):
        ring = list(self._ring)
        close(self, octets)
        for place, period in enumerate(ring):
            if period is not None:
                self._ring[place] = self._ring[self.closed % len(ring)]

    return faulty


def closes_after_the_maxima_are_gone(close_period):
    def faulty(self):
        maxima = self.demand.dump()
        self.demand.debiting_stop()
        close_period(self)
        self.demand.load(maxima)
        self.demand.debiting_stop()

    return faulty


def makes_a_stop_again(_is_made):
    return lambda self, month: False


def loses_a_stop_at_a_jump(due):
    def faulty(self, seconds, valid, now):
        if valid and seconds - self._seen > 3000:
            self._seen = seconds
        return due(self, seconds, valid, now)

    return faulty


def counts_twice(consume):
    def faulty(self, total, wrap):
        before = self._total
        consume(self, total, wrap)
        self._total = before
        return consume(self, total, wrap)

    return faulty


def notes_only_what_has_a_time(record):
    def faulty(self, code, seconds, value=0):
        if seconds is not None:
            record(self, code, seconds, value)

    return faulty


def shifts_twice(adjust):
    return lambda self, offset_s, now: adjust(self, offset_s, now) and adjust(self, offset_s, now)


def sends_the_period_before(get):
    return lambda self, row, storage: get(self, row, min(storage + 1, 15) if storage else 0)


def is_not_stored(_done):
    return lambda self, code: code


def obeys_before_it_counts(write):
    def faulty(self, *arguments):
        self._module.meter.tick, tick = lambda now: None, self._module.meter.tick
        code = write(self, *arguments)
        self._module.meter.tick = tick
        return code

    return faulty


def stores_what_is_counted_alone(save):
    def faulty(self, *arguments):
        self._meter.tick, tick = lambda now: None, self._meter.tick
        save(self, *arguments)
        self._meter.tick = tick

    return faulty


def forgets(letter):
    def make(parts):
        return lambda meter: [row for row in parts(meter) if row[0] != letter]

    return replaced(state, "_parts", make)


def stores_the_meter_first(save):
    def faulty(self, settings, meter, *arguments):
        self.store.commit(METER, state.dump(meter))
        return save(self, settings, meter, *arguments)

    return faulty


def counts_at_once(_stage):
    def faulty(self, record, octets, *_):
        self.write(record, octets)
        return True

    return faulty


def obeys_a_clear_as_nothing(_clear):
    return lambda self, *arguments: 0


# fmt: off
FAULTS = (
    # what holds          variant    steps     the words     the fault
    ("sums",              "fed",     "all",    "sum of the tariffs",
     replaced(Energy, "value", total_of_its_own)),
    ("remainders",        "plain",   "all",    "energy|verification",
     replaced(Energy, "add", rounds_each_increment)),
    ("no way back",       "plain",   "clears", "backwards",
     replaced(Energy, "clear", clears_a_tariff_too)),
    ("energy is kept",    "plain",   "all",    "backwards|energy", forgets("e")),
    ("primary side",      "fed_ct",  "all",    "energy", replaced(Meter, "add", cuts_the_ratio)),
    ("secondary kept",    "ct",      "all",    "backwards|secondary", forgets("s")),
    ("resettable",        "plain",   "clears", "resettable",
     replaced(Energy, "clear", keeps_the_remainder)),
    ("a clear clears",    "fed",     "clears", "resettable",
     replaced(Orders, "clear_resettable", obeys_a_clear_as_nothing)),
    ("demand of tariffs", "fed",     "demand", "maximum of a tariff|maximum 5",
     replaced(Demand, "add", counts_a_tariff_twice)),
    ("steady periods",    "plain",   "time",   "maximum|accumulated",
     replaced(Demand, "tick", believes_every_jump)),
    ("accumulated",       "plain",   "demand", "accumulated",
     replaced(Demand, "debiting_stop", forgets_to_accumulate)),
    ("demand is kept",    "ct",      "all",    "maximum|accumulated", forgets("d")),
    ("storages shift",    "plain",   "time",   "storage",
     replaced(History, "close", does_not_shift)),
    ("storages of the end", "ct",    "demand", "storage 1 maximum",
     replaced(Meter, "close_period", closes_after_the_maxima_are_gone)),
    ("each month once",   "plain",   "time",   "periods|maximum",
     replaced(Schedule, "is_made", makes_a_stop_again)),
    ("each month",        "ct",      "time",   "periods|maximum",
     replaced(Schedule, "due", loses_a_stop_at_a_jump)),
    ("months are kept",   "ct",      "all",    "periods", forgets("h")),
    ("credit",            "prepaid", "orders", "credit",
     replaced(Prepayment, "consume", counts_twice)),
    ("credit is kept",    "prepaid", "orders", "credit|mode", forgets("p")),
    ("events",            "plain",   "all",    "events",
     replaced(Events, "record", notes_only_what_has_a_time)),
    ("the clock",         "plain",   "time",   "time", replaced(Clock, "adjust", shifts_twice)),
    ("frames",            "ct",      "time",   "readout",
     replaced(Snapshot, "get", sends_the_period_before)),
    ("orders are kept",   "fed",     "orders", "kept", replaced(Orders, "_done", is_not_stored)),
    ("pulses first",      "ct",      "orders", "energy",
     replaced(Told, "_records", obeys_before_it_counts)),
    ("pulses are kept",   "plain",   "orders", "energy",
     replaced(Keeping, "save", stores_what_is_counted_alone)),
    ("all or nothing",    "plain",   "all",    "cut",
     replaced(Saved, "save", stores_the_meter_first)),
    ("nothing at once",   "plain",   "all",    "cut", replaced(Store, "stage", counts_at_once)),
)
# fmt: on
