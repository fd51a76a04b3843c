# SPDX-License-Identifier: MIT
"""One closed debiting period as octets that never change.

Energies of A+, A-, R+ and R- (total and four tariffs each), R1 and R4 in register units (8
octets each), the six maxima and their times, four accumulated maxima, the local time of the
end (4 each), the number of the debiting stop (4), which kinds of energy had a source (1).
"""

from struct import calcsize, pack, unpack_from

from micropython import const

from . import keys
from .energy import A_MINUS, A_PLUS, R1, R4, R_MINUS, R_PLUS

NO_TIME = 0xFFFFFFFF

_FORMAT = "<22Q18IB"
OCTETS = calcsize(_FORMAT)

_TOTALS = (A_PLUS, A_MINUS, R_PLUS, R_MINUS)  # five registers each
_SINGLE = (R1, R4)
_PER_KIND = const(5)
_MAXIMA = const(176)  # where they begin
_TIMES = const(200)
_ACCUMULATED = const(224)
_END = const(240)
_NUMBER = const(244)
_KINDS = const(248)
_QUANTITIES = const(6)
_SUMS = const(4)


def make(energy, demand, end: int, number: int, kinds: int) -> bytes:
    """The period that ends now: end in local seconds or NO_TIME, kinds a bit for each kind."""
    values = [energy.value(kind, tariff) for kind in _TOTALS for tariff in range(_PER_KIND)]
    values.extend([energy.value(kind) for kind in _SINGLE])
    values.extend([demand.maximum(q) for q in range(_QUANTITIES)])
    values.extend([demand.maximum_time(q) for q in range(_QUANTITIES)])
    values.extend([demand.accumulated(q) for q in range(_SUMS)])
    return pack(_FORMAT, *values, end, number, kinds)


def number(octets) -> int:
    """The number of the debiting stop that closed it."""
    return _long(octets, _NUMBER)


def value(octets, group: int, index: int):
    """What it holds of a group of keys.py, as Meter.value() gives it; else None.

    A maximum's time is the standard time of the clock; the end is local time already.
    """
    if group == keys.ENERGY:
        return _energy(octets, index // _PER_KIND, index % _PER_KIND)
    if group == keys.MAXIMUM:
        return _long(octets, _MAXIMA + 4 * index)
    if group == keys.MAXIMUM_TIME:
        return _long(octets, _TIMES + 4 * index) or None
    if group == keys.ACCUMULATED:
        return _long(octets, _ACCUMULATED + 4 * index)
    if group == keys.OTHER and index == keys.TIME:
        end = _long(octets, _END)
        return None if end == NO_TIME else end
    return None


def _energy(octets, kind, tariff):
    if not octets[_KINDS] >> kind & 1:
        return None
    if kind in _TOTALS:
        place = _TOTALS.index(kind) * _PER_KIND + tariff
    elif kind in _SINGLE and not tariff:
        place = len(_TOTALS) * _PER_KIND + _SINGLE.index(kind)
    else:
        return None
    return unpack_from("<Q", octets, 8 * place)[0]


def _long(octets, at):
    return unpack_from("<I", octets, at)[0]
