# SPDX-License-Identifier: MIT
"""A model of the energy registers of one side of a meter, in exact fractions."""

from fractions import Fraction
from math import floor

from metermodel import KINDS, PARTS, TARIFFS

from meter.energy import A_MINUS


class Counted:
    """The energy of one side of a meter, in Wh and varh."""

    def __init__(self, energy, active, reactive, wrap_kwh):
        self.units = {kind: active if kind <= A_MINUS else reactive for kind in PARTS}
        self.wrap_kwh = wrap_kwh
        self.of = {
            (kind, tariff): Fraction(energy.value(kind, tariff) * self.units[kind])
            for kind in KINDS
            for tariff in TARIFFS
        }
        self.since = {k: Fraction(energy.resettable(k) * self.units[k]) for k in (0, 1)}

    def add(self, kind, energy, tariff):
        self.of[kind, tariff] += energy
        if kind in self.since:
            self.since[kind] += energy

    def wrap(self, kind):
        return self.wrap_kwh * 1000 // self.units[kind]

    def value(self, kind, tariff=0):
        if not tariff:
            return sum(self.value(kind, each) for each in TARIFFS) % self.wrap(kind)
        exact = sum(self.of[part, tariff] for part in PARTS[kind])
        return floor(exact / self.units[kind]) % self.wrap(kind)

    def resettable(self, kind):
        return floor(self.since[kind] / self.units[kind]) % self.wrap(kind)

    def tenths(self, kind):
        return floor(sum(self.of[kind, tariff] for tariff in TARIFFS) * 10)
