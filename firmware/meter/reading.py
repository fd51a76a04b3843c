# SPDX-License-Identifier: MIT
"""What a meter shows: one integer for each group and index of keys.py.

None stands for what has no source in this meter, or no value at the moment.
"""

from micropython import const

from . import keys, period
from .energy import A_MINUS, A_PLUS, R_MINUS, R_PLUS, VERIFICATION_WRAP

_PER_KIND = const(5)
_PERIODS_WRAP = const(0x8000)  # of a register of 16 bits
# The kind of energy behind each quantity of demand.py.
_KIND_OF = bytes((A_PLUS, A_MINUS, R_PLUS, R_MINUS, A_PLUS, A_PLUS))


def value(meter, group: int, index: int):
    """The present value, in the unit of the register map."""
    return _READERS[group](meter, index)


def of_period(meter, octets, group: int, index: int):
    """The same of a closed period (period.py)."""
    if group in _DEMAND and not _has(octets[-1], _KIND_OF[index]):
        return None
    found = period.value(octets, group, index)
    if group == keys.MAXIMUM_TIME and found is not None:
        return meter.clock.to_local(found)
    return found


def _has(kinds, kind):
    return kinds >> kind & 1


def _of_energy(meter, energy, index):
    if energy is None or not _has(meter.kinds, index // _PER_KIND):
        return None
    return energy.value(index // _PER_KIND, index % _PER_KIND)


def _energy(meter, index):
    return _of_energy(meter, meter.energy, index)


def _secondary(meter, index):
    return _of_energy(meter, meter.secondary, index)


def _maximum(meter, index):
    return meter.demand.maximum(index) if _has(meter.kinds, _KIND_OF[index]) else None


def _maximum_time(meter, index):
    time = meter.demand.maximum_time(index)
    return meter.clock.to_local(time) if time and _has(meter.kinds, _KIND_OF[index]) else None


def _accumulated(meter, index):
    return meter.demand.accumulated(index) if _has(meter.kinds, _KIND_OF[index]) else None


def _verification(meter, kind):
    if not _has(meter.kinds, kind):
        return None
    return (meter.energy.verification(kind) + meter.verification[kind]) % VERIFICATION_WRAP


def _resettable(meter, kind):
    return meter.energy.resettable(kind) if _has(meter.kinds, kind) else None


def _live(meter, index):
    return meter.power(index)


def _pulses(meter, which):
    return meter.pulses[which].value()


def _level(meter, which):
    return meter.pulses[which].level


def _other(meter, index):
    if index >= keys.RATIO:
        return _setting(meter, index)
    if index == keys.TIME:
        return meter.clock.seconds if meter.clock.valid else None
    if index == keys.HOURS:
        return meter.clock.hours
    if index == keys.PERIODS:
        return meter.history.closed % _PERIODS_WRAP
    if index == keys.RTC_STATUS:
        return meter.clock.status
    if index == keys.TARIFF:
        return meter.tariff.active
    if index == keys.THRESHOLD:
        return meter.threshold.watts
    if index == keys.THRESHOLD_COUNT:
        return meter.threshold.count
    if index <= keys.PREPAY_MODE:
        part = meter.prepayment
        return part and (part.credit if index == keys.CREDIT else part.mode)
    part = meter.breaker
    return part and (part.closed if index == keys.BREAKER_STATE else part.control)


def _setting(meter, index):
    if index <= keys.RATIO_LOCK:
        if not meter.secondary:
            return None
        return meter.ratio if index == keys.RATIO else meter.ratio_locked
    if index <= keys.SPECIAL_2:
        return meter.special[index - keys.SPECIAL_1]
    if index <= keys.WEIGHT_2:
        return meter.pulses[index - keys.WEIGHT_1].pulses
    if index == keys.PERIOD_MIN:
        return meter.demand.minutes
    if index == keys.TARIFF_SOURCE:
        return meter.tariff.source
    return int(meter.tariff.inverted)


_DEMAND = (keys.MAXIMUM, keys.MAXIMUM_TIME, keys.ACCUMULATED)
_READERS = {
    keys.ENERGY: _energy,
    keys.SECONDARY: _secondary,
    keys.MAXIMUM: _maximum,
    keys.MAXIMUM_TIME: _maximum_time,
    keys.ACCUMULATED: _accumulated,
    keys.VERIFICATION: _verification,
    keys.RESETTABLE: _resettable,
    keys.LIVE: _live,
    keys.PULSES: _pulses,
    keys.LEVEL: _level,
    keys.OTHER: _other,
}
