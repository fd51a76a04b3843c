# SPDX-License-Identifier: MIT
"""What people write for a register's value, as data of a record; and a value as people read it.

The register table says it all: the unit, the words and the range stand in a row's meaning, the
form follows from its data field and VIF.  Exact: a number that the register cannot hold to the
last digit is refused, nothing is rounded.
"""

import datetime
import re
import time
from fractions import Fraction

from mbus import date
from mbus.header import secondary_octets
from mbus.record import WIDTH
from mbus.value import decimal
from mbusnode.failure import Failure
from mbusnode.registernames import variants

_FIELD = 0x0F
_BCD = 9  # and all data fields above it are BCD or text
_DATES = (b"\x6c", b"\x6d")
_IDENTIFICATION = b"\x79"
_DAY_S = 86400

_UNIT = re.compile(r"(?:(\d+(?:\.\d+)?) )?(Wh|kvarh|varh|W|var|V|mA|min|h|baud|Hz|s|l)")
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?) *([A-Za-z]*3?)")
_WORDS = re.compile(r"(?:\d+(?: [a-z]+)+ ?)+")
_WORD = re.compile(r"(\d+)(?: [a-z]+)*? ([a-z]+)(?= \d|$)")
_RANGE = re.compile(r"(\d+) to (\d+)")
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?")

# Unit: the unit it is made of, and how many of that.
_UNITS = {"s": ("s", 1), "min": ("s", 60), "h": ("s", 3600), "mA": ("A", Fraction(1, 1000))}
_UNITS.update({"l": ("l", 1), "m3": ("l", 1000)})
for _base in ("Wh", "varh", "W", "var"):
    for _prefix, _factor in (("", 1), ("k", 1000), ("M", 10**6)):
        _UNITS[_prefix + _base] = (_base, _factor)


def unit_of(register):
    """(scale, unit) of a register's numbers, such as (10, "Wh"); (1, "") where there is none."""
    match = _UNIT.fullmatch(register.meaning.split(",")[0])
    return (Fraction(match[1] or 1), match[2]) if match else (Fraction(1), "")


def words_of(register) -> dict:
    """{word: number} of what a register's numbers mean, such as {"off": 0, "on": 1}."""
    parts = [part.strip() for part in register.meaning.split(",")]
    found = [_WORD.findall(part) for part in parts if _WORDS.fullmatch(part)]
    return {word: int(number) for pairs in found for number, word in pairs}


def field_of(register) -> int:
    """The data field of a register."""
    return register.dib[0] & _FIELD


def encoded(register, text: str, offset: bool = False, now=None):
    """The data of VALUE, for record.put(): an integer or octets.  Failure says what is allowed.

    offset: the value of a time of day is a duration, to be added or subtracted
    now     the moment that `now` means, in seconds of time.time()
    """
    if register.vib in _DATES:
        return _duration(register, text) if offset else _moment(register, text, now)
    if register.vib == _IDENTIFICATION and field_of(register) < _BCD:
        if not re.fullmatch(r"\d{8}[0-9A-Fa-f]{8}", text):
            raise _bad(register, text, allowed(register))
        return secondary_octets(text.upper())
    if field_of(register) >= _BCD:
        if not re.fullmatch(r"\d{1,%d}" % (2 * WIDTH[field_of(register)]), text):
            raise _bad(register, text, allowed(register))
        return int(text)
    return _number(register, text)


def variant_for(register, text: str):
    """The register in the unit that VALUE brings: pulse registers show what is configured."""
    match = _NUMBER.fullmatch(text)
    if match and match[2] in _UNITS:
        for variant in variants(register):
            own = unit_of(variant)[1]
            if own and _UNITS[own][0] == _UNITS[match[2]][0]:
                return variant
    return register


def _bad(register, text, allowed):
    return Failure("VALUE %s: %s is %s" % (text, register.name, allowed), 2)


def _number(register, text):
    words = words_of(register)
    if text in words:
        return words[text]
    match = _NUMBER.fullmatch(text)
    if not match:
        raise _bad(register, text, allowed(register))
    number = Fraction(match[1])
    if match[2]:
        number = _in_unit(register, text, number, match[2])
    if number.denominator != 1:
        raise _bad(register, text, "a whole number" + _of_unit(register))
    low, high = _limits(register)
    if not low <= number <= high:
        raise _bad(register, text, allowed(register))
    return int(number)


def _in_unit(register, text, number, unit):
    scale, own = unit_of(register)
    base, factor = _UNITS.get(own, (own, 1))
    given = _UNITS.get(unit, (unit, 1))
    if not own or given[0] != base:
        raise _bad(register, text, allowed(register))
    return number * given[1] / (scale * factor)


def _of_unit(register):
    scale, unit = unit_of(register)
    if not unit:
        return ""
    return " of %s" % (unit if scale == 1 else "%s %s" % (scale, unit))


def _limits(register):
    match = _RANGE.search(register.meaning)
    if match:
        return int(match[1]), int(match[2])
    words = words_of(register)
    if len(words) > 1 and not unit_of(register)[1]:
        return min(words.values()), max(words.values())
    width = WIDTH[field_of(register)]
    return 0, (1 << (8 * width - (1 if width > 2 else 0))) - 1


def allowed(register) -> str:
    """In words, what a VALUE may be."""
    field = field_of(register)
    if register.vib in _DATES:
        return _DATE_FORMS[field]
    if register.vib == _IDENTIFICATION and field < _BCD:
        return _ADDRESS_FORM
    if field >= _BCD:
        return "at most %d digits" % (2 * WIDTH[field])
    words = words_of(register)
    low, high = _limits(register)
    unit = _of_unit(register)
    text = "a number" + unit + " from %d to %d" % (low, high)
    if register.units:
        return text + ", with a unit where the register has one"
    if unit and unit_of(register)[1] in _UNITS:
        text += ", or one with its unit"
    return text + (", or one of " + " ".join(words) if words else "")


_ADDRESS_FORM = "a secondary address of 16 digits, without wildcards"
_DATE_FORMS = {
    2: "a date such as 2025-11-22, or now",
    3: "a time of day such as 07:45:30, or now",
    4: "a date and time such as 2025-11-22T07:45, or now",
    6: "a date and time such as 2025-11-22T07:45:30, or now",
}


def _moment(register, text, now):
    """The octets of type F, G, I or J."""
    width = WIDTH[field_of(register)]
    summer = False
    if text == "now":
        # To the nearest second or minute: the clock is not behind by one on the average.
        half_s = 30 if width == 4 else 0.5
        local = time.localtime((time.time() if now is None else now) + half_s)
        moment, summer = list(local[:6]), bool(local.tm_isdst)
    else:
        moment = _parsed(register, text, width)
    buf = bytearray(width)
    if width == 2:
        date.put_g(buf, 0, *moment[:3])
    elif width == 3:
        date.put_j(buf, 0, *moment[3:])
    elif width == 4:
        date.put_f(buf, 0, *moment[:5], summer)
    else:
        _, week, weekday = datetime.date(*moment[:3]).isocalendar()
        date.put_i(buf, 0, *moment, weekday, week, summer)
    return bytes(buf)


def _parsed(register, text, width):
    """[year, month, day, hour, minute, second] of a text, as far as the width needs them."""
    form = {2: _DATE, 3: _TIME}.get(width, _MOMENT)
    match = form.fullmatch(text)
    if not match:
        raise _bad(register, text, _DATE_FORMS[width])
    parts = [int(part or 0) for part in match.groups()]
    moment = [2000, 1, 1, *parts] if width == 3 else parts + [0] * (6 - len(parts))
    try:
        datetime.datetime(*moment)
    except ValueError:
        raise _bad(register, text, _DATE_FORMS[width]) from None
    if not 2000 <= moment[0] <= 2099:
        raise _bad(register, text, _DATE_FORMS[width] + ", from 2000 to 2099")
    if width == 4 and moment[5]:
        raise _bad(register, text, _DATE_FORMS[width] + "; seconds go to time_seconds")
    return moment


def _duration(register, text):
    """The octets of type J for an offset."""
    match = _NUMBER.fullmatch(text)
    seconds = None
    if match and match[2] in ("", "s", "min", "h"):
        seconds = Fraction(match[1]) * _UNITS[match[2] or "s"][1]
    elif _TIME.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in _TIME.fullmatch(text).groups())
        seconds = Fraction(3600 * hour + 60 * minute + second) if minute < 60 > second else None
    if seconds is None or seconds.denominator != 1 or not 0 < seconds < _DAY_S:
        raise _bad(register, text, "moved by 30, 30s, 2min, 1h or 00:00:30, less than a day")
    seconds = int(seconds)
    buf = bytearray(3)
    date.put_j(buf, 0, seconds // 3600, seconds // 60 % 60, seconds % 60)
    return bytes(buf)


def shown(register, row) -> str:
    """The value of a Row of the report, as people read it."""
    if row.value is None:
        return row.error or "without a value"
    if not row.number or register.vib in _DATES:
        return row.value
    if field_of(register) >= _BCD:
        return row.value.zfill(2 * WIDTH[field_of(register)])
    for variant in variants(register):
        if bytes.fromhex(row.head.vif) == variant.vib:
            register = variant
    raw = int.from_bytes(bytes.fromhex(row.raw), "little", signed=len(row.raw) > 4)
    scale, unit = unit_of(register)
    if unit:
        return quantity(raw * scale, unit)
    if register.name in _BITS:
        return _bits(register.name, raw)
    by_number = {number: word for word, number in words_of(register).items()}
    return "%d (%s)" % (raw, by_number[raw]) if raw in by_number else str(raw)


# Bits of states that people ask for, and what no bit at all means.
_BITS = {
    "breaker_state": ({0: "supply on"}, "supply off"),
    "rtc_status": (
        {
            0: "running",
            1: "set since power-up",
            2: "kept through the power gap",
            3: "battery low",
            4: "daylight saving",
            7: "not valid",
        },
        "not running",
    ),
}


def _bits(name, raw):
    words, nothing = _BITS[name]
    return ", ".join(word for bit, word in words.items() if raw >> bit & 1) or nothing


def quantity(number, unit: str) -> str:
    """An exact number with its unit, in thousands where that is shorter."""
    number = Fraction(number)
    exponent = 0
    while number.denominator != 1:
        number, exponent = number * 10, exponent - 1
    if unit in ("Wh", "varh", "W", "var") and abs(number) * 10**exponent >= 1000:
        unit, exponent = "k" + unit, exponent - 3
    text = decimal(int(number), exponent)
    return "%s %s" % (text.rstrip("0").rstrip(".") if "." in text else text, unit)
