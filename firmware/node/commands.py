# SPDX-License-Identifier: MIT
"""What a master may write: each register's command, and the clock commands (EN 13757-3, 8).

Each method obeys one written record, or returns the application error that refuses it.
"""

from mbus.record import WIDTH
from mbus.record import action as action_of
from meter.energy import A_MINUS, A_PLUS
from meter.orders import Orders
from micropython import const

from . import clockdata
from .writing import ACTION_ADD, ACTION_CLEAR, ACTION_SUBTRACT, BAD_VALUE

SET_CLOCK = const(0x6C)
SHIFT_CLOCK = const(0x6D)
SYNCHRONISE = const(0x5C)

_TC_SET = const(0x00)
_TC_ADD = const(0x01)
_TC_SUBTRACT = const(0x02)
_TYPE_I = const(6)
_TYPE_J = const(3)
_LAST_ADDRESS = const(250)
_BCD = const(9)


def number(buf, at, field) -> int:
    """The data octets as an unsigned number; -1 for BCD with other than decimal digits."""
    value = 0
    for i in range(at + WIDTH[field] - 1, at - 1, -1):
        octet = buf[i]
        if field >= _BCD:
            if octet & 0x0F > 9 or octet >> 4 > 9:
                return -1
            value = value * 100 + (octet >> 4) * 10 + (octet & 0x0F)
        else:
            value = value << 8 | octet
    return value


class Commands:
    """The commands of one module: obey() takes a record to the method of its register."""

    def __init__(self, module, registers, meter):
        self._module = module
        self._orders = Orders(meter)
        self._registers = registers
        self._methods = {}
        for name, method in _METHODS:
            self._methods[registers.row(name)] = method

    def obey(self, row, buf, vib_at, data_at, now) -> int:
        """Obey a record for the row; 0 or an application error."""
        action = action_of(buf, vib_at, data_at)
        value = 0
        if action != ACTION_CLEAR:
            value = number(buf, data_at, self._registers.dif(row) & 0x0F)
        return self._methods[row](self, value, action, buf, data_at, now)

    def clock(self, ci, buf, at, end, now) -> int:
        """CI 6Ch and 6Dh behind their header, and 5Ch; reserved octets may be missing."""
        if ci == SYNCHRONISE:
            return self._orders.freeze(now)
        if ci == SET_CLOCK and end - at > _TYPE_I and buf[at] == _TC_SET:
            return self._set_i(0, 0, buf, at + 1, now)
        if ci == SHIFT_CLOCK and end - at > _TYPE_J and buf[at] in (_TC_ADD, _TC_SUBTRACT):
            return self._shift(buf[at] == _TC_SUBTRACT, buf, at + 1, now)
        return BAD_VALUE

    def _set_f(self, _value, _action, buf, at, now):
        seconds, summer = clockdata.read_f(buf, at)
        return self._orders.set_clock(seconds, now, summer) if seconds >= 0 else BAD_VALUE

    def _set_i(self, _value, _action, buf, at, now):
        seconds, summer = clockdata.read_i(buf, at)
        return self._orders.set_clock(seconds, now, summer) if seconds >= 0 else BAD_VALUE

    def _set_date(self, _value, _action, buf, at, now):
        year, month, day = clockdata.read_g(buf, at)
        return self._orders.set_date(year, month, day, now)

    def _set_time(self, _value, action, buf, at, now):
        if action in (ACTION_ADD, ACTION_SUBTRACT):
            return self._shift(action == ACTION_SUBTRACT, buf, at, now)
        seconds = clockdata.read_j(buf, at)
        return self._orders.set_time(seconds, now) if seconds >= 0 else BAD_VALUE

    def _shift(self, back, buf, at, now):
        seconds = clockdata.read_j(buf, at)
        if seconds < 0:
            return BAD_VALUE
        return self._orders.shift_clock(-seconds if back else seconds, now)

    def _primary(self, value, *_):
        if value > _LAST_ADDRESS:
            return BAD_VALUE
        return self._module.set_primary(value)

    def _number(self, value, _action, buf, at, _now):
        if value < 0:
            return BAD_VALUE
        return self._module.set_number(buf[at : at + 4])

    def _identification(self, _value, _action, buf, at, now):
        # Manufacturer, version and device type are what the meter is.
        if buf[at + 4 : at + 8] != self._module.identification[4:]:
            return BAD_VALUE
        return self._number(number(buf, at, 0x0C), 0, buf, at, now)

    def _baud(self, value, *_):
        return self._module.set_baud(value)

    def _credit(self, value, action, *_):
        if action == ACTION_ADD:
            return self._orders.add_credit(value)
        return self._orders.set_credit(value)  # clearing it is a value of 0

    def _special_1(self, value, *_):
        return self._orders.set_special(0, value)

    def _special_2(self, value, *_):
        return self._orders.set_special(1, value)

    def _clear_import(self, *_):
        return self._orders.clear_resettable(A_PLUS)

    def _clear_export(self, *_):
        return self._orders.clear_resettable(A_MINUS)

    def _debiting_stop(self, _value, _action, _buf, _at, now):
        return self._orders.debiting_stop(now)

    def _freeze(self, _value, _action, _buf, _at, now):
        return self._orders.freeze(now)

    def _breaker(self, value, _action, _buf, _at, now):
        return self._orders.breaker(value, now)

    def _tariff(self, value, *_):
        return self._orders.set_tariff(value)

    def _threshold(self, value, *_):
        return self._orders.set_threshold(value)

    def _prepayment(self, value, *_):
        return self._orders.prepayment_mode(value)

    def _ratio(self, value, *_):
        return self._orders.set_ratio(value)

    def _ratio_lock(self, value, *_):
        return self._orders.lock_ratio(value, self._module.trusts)

    def _pulse_1(self, value, *_):
        return self._orders.preset_pulses(0, value)

    def _pulse_2(self, value, *_):
        return self._orders.preset_pulses(1, value)

    def _weight_1(self, value, *_):
        return self._orders.set_weight(0, value)

    def _weight_2(self, value, *_):
        return self._orders.set_weight(1, value)

    def _period(self, value, *_):
        return self._orders.set_period(value)

    def _tariff_source(self, value, *_):
        return self._orders.set_tariff_source(value)

    def _tariff_inverted(self, value, *_):
        return self._orders.set_inverted(value)


# fmt: off
_METHODS = (
    # register          what obeys it
    ("primary_address", Commands._primary),
    ("meter_number",    Commands._number),
    ("identification",  Commands._identification),
    ("baud",            Commands._baud),
    ("time",            Commands._set_f),
    ("time_seconds",    Commands._set_i),
    ("date",            Commands._set_date),
    ("time_of_day",     Commands._set_time),
    ("credit",          Commands._credit),
    ("special_1",       Commands._special_1),
    ("special_2",       Commands._special_2),
    ("reset_import",    Commands._clear_import),
    ("reset_export",    Commands._clear_export),
    ("debiting_stop",   Commands._debiting_stop),
    ("freeze",          Commands._freeze),
    ("breaker",         Commands._breaker),
    ("tariff",          Commands._tariff),
    ("threshold",       Commands._threshold),
    ("prepayment",      Commands._prepayment),
    ("ratio",           Commands._ratio),
    ("ratio_lock",      Commands._ratio_lock),
    ("pulse_1",         Commands._pulse_1),
    ("pulse_2",         Commands._pulse_2),
    ("pulse_1_weight",  Commands._weight_1),
    ("pulse_2_weight",  Commands._weight_2),
    ("period_min",      Commands._period),
    ("tariff_source",   Commands._tariff_source),
    ("tariff_inverted", Commands._tariff_inverted),
)
# fmt: on
