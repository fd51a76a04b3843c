# SPDX-License-Identifier: MIT
"""What a host sets of the meter that it emulates; the meter goes on from there."""

from micropython import const

from . import calendar, keys, reading
from .energy import VERIFICATION_WRAP

_PER_KIND = const(5)
_HOUR_S = const(3600)


def preset(meter, group: int, index: int, value: int, now: int):
    """Set what reading.value() shows of this group and index; ValueError where it cannot be.

    Energy is set by kind and tariff: sums and totals follow.  A time is local, in seconds
    since 2000.
    """
    if group == keys.LIVE:
        meter.source.set(index, value)
    elif group == keys.RESETTABLE:
        meter.energy.preset_resettable(index, value)
    elif group == keys.VERIFICATION:
        offset = meter.verification[index] + value - reading.value(meter, group, index)
        meter.verification[index] = offset % VERIFICATION_WRAP
    elif group in (keys.ENERGY, keys.SECONDARY):
        energy = meter.energy if group == keys.ENERGY else meter.secondary
        energy.preset(index // _PER_KIND, value, index % _PER_KIND)
    elif group in (keys.MAXIMUM, keys.MAXIMUM_TIME, keys.ACCUMULATED):
        _preset_demand(meter, group, index, value)
    else:
        _preset_other(meter, index, value, now)


def _preset_demand(meter, group, index, value):
    demand = meter.demand
    sums = index <= 3
    fields = {
        keys.MAXIMUM: demand.maximum(index),
        keys.MAXIMUM_TIME: demand.maximum_time(index),
        keys.ACCUMULATED: demand.accumulated(index) if sums else 0,
    }
    fields[group] = meter.clock.to_standard(value) if group == keys.MAXIMUM_TIME else value
    demand.preset(index, fields[keys.MAXIMUM], fields[keys.MAXIMUM_TIME], fields[keys.ACCUMULATED])


def _preset_other(meter, index, value, now):
    if index == keys.TIME:
        if not meter.clock.set(value, now):
            raise ValueError("%d s are not in 2000..%d" % (value, calendar.LAST_YEAR))
    elif index == keys.HOURS:
        meter.clock.on_s = value * _HOUR_S
    elif index == keys.PERIODS:
        meter.history.closed = value
    else:
        raise ValueError("a host cannot set value %d" % index)
