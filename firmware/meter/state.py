# SPDX-License-Identifier: MIT
"""What of a meter outlives a power gap, in one record; periods and events have their own.

The record is a row of sections: a letter, the length (2 octets), and what the part dumps.
Sections of other versions are passed over, missing ones leave their part as it is configured.
"""

from struct import calcsize, pack, unpack, unpack_from

from micropython import const

from . import calendar, keys
from .tariff import Tariff

_HEAD = "<BH"
_HEAD_OCTETS = const(3)
_REGISTERS = const(24)
_REGISTERS_AT = const(8)  # in what the energy dumps
# Tariff: active, source, inverted.  Clock: shown, on time, valid.  Numbers: closed periods,
# special data, verification offsets, ratio, ratio lock, what a master has written.
_TARIFF = "<BBB"
_CLOCK = "<IIB"
_NUMBERS = "<IIIIIHBI"


def dump(meter) -> bytes:
    """The record of a meter."""
    record = bytearray()
    for letter, part in _parts(meter):
        _append(record, letter, part.dump())
    tariff, clock = meter.tariff, meter.clock
    _append(record, "t", pack(_TARIFF, tariff.active, tariff.source, tariff.inverted))
    _append(record, "c", pack(_CLOCK, clock.seconds, clock.on_s & 0xFFFFFFFF, clock.valid))
    numbers = pack(
        _NUMBERS,
        meter.history.closed,
        *meter.special,
        *meter.verification,
        meter.ratio,
        meter.ratio_locked,
        meter.written,
    )
    _append(record, "n", numbers)
    return bytes(record)


def load(meter, octets):
    """Take over a record; ValueError says what is unsound, or does not go with this meter.

    To be done before the first tick.  The clock is not valid any more, but shows the time of
    the dump until it is set.
    """
    found = sections(octets)
    configured = meter.demand.minutes
    weights = [one.ratio for one in meter.pulses]
    for letter, part in _parts(meter):
        if letter in found:
            part.load(found[letter])
    if "n" in found:
        _load_numbers(meter, _fields("numbers", _NUMBERS, found["n"]))
    written = meter.written
    if not written >> keys.PERIOD_MIN & 1:
        meter.demand.set_minutes(configured)
    for which, one in enumerate(meter.pulses):
        if not written >> (keys.WEIGHT_1 + which) & 1:
            one.ratio = weights[which]
        if meter.is_source(which):
            meter.source.set_weight(one.weight)
            if not meter.takes(one.weight):
                raise ValueError("a weight of %d/%d does not go with what was counted" % one.ratio)
    if "t" in found:
        _load_tariff(meter.tariff, _fields("tariff", _TARIFF, found["t"]), written)
    if "c" in found:
        _load_clock(meter, _fields("clock", _CLOCK, found["c"]))


def counted(octets):
    """The energy registers in a record, of each kind and tariff, which never go back."""
    if not octets:
        return (0,) * _REGISTERS
    return unpack_from("<%dQ" % _REGISTERS, sections(octets)["e"], _REGISTERS_AT)


def _parts(meter):
    """(letter, part) of all that dump themselves and are in this meter."""
    parts = (
        ("e", meter.energy),
        ("s", meter.secondary),
        ("d", meter.demand),
        ("h", meter.schedule),
        ("b", meter.breaker),
        ("p", meter.prepayment),
        ("w", meter.threshold),
        ("1", meter.pulses[0]),
        ("2", meter.pulses[1]),
    )
    return [row for row in parts if row[1]]


def _append(record, letter, octets):
    record.extend(pack(_HEAD, ord(letter), len(octets)))
    record.extend(octets)


def sections(octets):
    """{letter: octets} of a record; ValueError if it is cut."""
    found = {}
    at = 0
    while at + _HEAD_OCTETS <= len(octets):
        letter, length = unpack_from(_HEAD, octets, at)
        at += _HEAD_OCTETS
        found[chr(letter)] = octets[at : at + length]
        at += length
    if at != len(octets):
        raise ValueError("the record ends within a section")
    return found


def _fields(name, form, octets):
    if len(octets) != calcsize(form):
        raise ValueError("%s: %d octets" % (name, len(octets)))
    return unpack(form, octets)


def _load_numbers(meter, fields):
    closed, special_1, special_2, import_, export, ratio, locked, written = fields
    meter.history.closed = closed
    meter.special[:] = special_1, special_2
    meter.verification[:] = import_, export
    meter.ratio_locked = locked
    meter.written = written
    if written >> keys.RATIO & 1:
        meter.ratio = ratio


def _load_tariff(tariff, fields, written):
    active, source, inverted = fields
    Tariff(active, source)  # ValueError
    tariff.active = active
    if written >> keys.TARIFF_SOURCE & 1:
        tariff.source = source
    if written >> keys.TARIFF_INVERTED & 1:
        tariff.inverted = bool(inverted)


def _load_clock(meter, fields):
    seconds, on_s, valid = fields
    if seconds >= calendar.END_S:
        raise ValueError("clock: %d s are not in 2000..2099" % seconds)
    meter.clock.resume(seconds, on_s)
    if valid:
        meter.seen = 0  # that it is not any more is an alarm
