# SPDX-License-Identifier: MIT
"""The settings there are: one row each, with its default and what is allowed, and their reading.

Settings are texts everywhere, in files, on the command line and as defaults here; what they
mean for people is told by tools/mbusnode/configuring.py.
"""

from mbus.header import manufacturer_code

from . import ConfigError

# A line is: key, default (- for none, or one by the meter), what is allowed: a range, words and
# numbers to choose from, or a sort of its own.  `meter` comes first.  In three texts, for one
# long text is more than a small heap has in one piece.
_IDENTITY = """\
meter 1 1..1000
primary 0 0..250
identification - digits
serial - digits
manufacturer EXM letters
version 1 0..255
type 2 0..255
baud 2400 300|600|1200|2400|4800|9600|19200|38400|auto
telegrams 2 2|3
profile standard standard|legacy
phases 3 1|3
ct no no|yes
ratio 5 5..6000"""
_MEASURING = """\
source pulse1 pulse1|pulse2|load_profile|host|none
pulse1_unit kWh none|kWh|m3|l
pulse1_weight 1000 weight
pulse2_unit none none|kWh|m3|l
pulse2_weight 1000 weight
period_min 15 5|15|30|60
tariff_source input input|bus|clock
tariff_inverted no no|yes
tariff_table - table
dst none none|eu
utc_offset_min 60 -720..840
debit_day 1 0..31
debit_minute 0 0..1439"""
_WORKING = """\
tariff_input auto auto|pulses|level
breaker no no|yes
relay_ms 200 30..200
relay_spacing_s 10 10..3600
reconnect remote remote|manual
broadcast_breaker no no|yes
prepayment no no|yes
threshold_opens no no|yes
lock no no|yes
save_min 15 1..1440
save_pulses 100 1..30000
strict no no|yes
ack_reset_253 no no|yes
echo auto auto|on|off
reply_bits 11 11..250
bus - text
state - text"""

# What is so goes only with what stands behind it; nothing behind = is nothing given.
_TOGETHER = """\
prepayment=yes breaker=yes
threshold_opens=yes breaker=yes
broadcast_breaker=yes breaker=yes
source=pulse1 pulse1_unit=kWh
source=pulse2 pulse2_unit=kWh
ct=yes phases=3
ratio!=5 ct=yes
tariff_source=clock tariff_table!=
prepayment=yes tariff_table="""

_MOST_PULSES = "1..4294967295"


def rows():
    """(key, default or None, allowed) of each setting, all texts, `meter` first."""
    for text in (_IDENTITY, _MEASURING, _WORKING):
        for line in text.split("\n"):
            key, default, allowed = line.split(" ")
            yield key, None if default == "-" else default, allowed


def words(allowed) -> str:
    """What is allowed, for people."""
    if "|" in allowed:
        first, last = allowed.rsplit("|", 1)
        return "%s or %s" % (first.replace("|", ", "), last)
    if ".." in allowed:
        return allowed.replace("..", " to ")
    return {
        "digits": "8 decimal digits",
        "letters": "three capital letters A to Z",
        "weight": "pulses of a unit, 1 to 4294967295, or PULSES/UNITS",
        "table": "at most 16 entries DAYS MONTHS HH:MM TARIFF with ; between them, "
        "as in Mo-Fr 1-12 06:00 1; Sa,Su 4-9 22:30 2",
        "text": "one line, without blanks around it",
    }[allowed]


def _value_of(key, allowed, text):
    """The finished value of a setting.  ConfigError."""
    try:
        result = _range(allowed, text) if ".." in allowed else _value(allowed, text)
    except ValueError as e:
        result = None
        if allowed == "table":
            text = str(e)  # which of its entries
    if result is None:
        raise ConfigError("%s=%s: allowed is %s" % (key, text, words(allowed)))
    return result


def _range(limits, text):
    """A number from LOW..HIGH, or None.

    int() itself takes more than digits, and not the same on each runtime.
    """
    digits, base = text[1:] if text[:1] == "-" else text, 10
    if digits[:2] == "0x":
        digits, base = digits[2:], 16
    for digit in digits:
        if digit not in "0123456789abcdefABCDEF"[: 10 if base == 10 else 22]:
            return None
    if not 1 <= len(digits) <= 10:
        return None
    number = -int(digits, base) if text[0] == "-" else int(digits, base)
    low, high = limits.split("..")
    return number if int(low) <= number <= int(high) else None


def _value(allowed, text):
    """The value, or None for what is not allowed."""
    if "|" in allowed:
        if text not in allowed.split("|"):
            return None
        if allowed == "no|yes":
            return text == "yes"
        return int(text) if text.isdigit() else text
    if allowed == "digits":
        # 4 BCD octets, least significant first.
        if len(text) != 8 or _range("0..99999999", "0" + text) is None:
            return None
        return bytes([int(text[i : i + 2], 16) for i in (6, 4, 2, 0)])
    if allowed == "letters":
        return manufacturer_code(text)
    if allowed == "weight":
        pulses, slash, units = text.partition("/")
        pair = _range(_MOST_PULSES, pulses), _range(_MOST_PULSES, units if slash else "1")
        return None if None in pair else pair
    if allowed == "table":
        from .timetable import entries

        table = entries(text) if text else ()
        return table if len(table) <= 16 else None
    # A line of a file holds it as it is.
    return text if text == text.strip() and "\n" not in text else None


def settle(config, given):
    """Give an object the attributes of Config, from a dict of settings."""
    known = [row[0] for row in rows()]
    for key in given:
        if key not in known:
            raise ConfigError("unknown setting %s; known are %s" % (key, ", ".join(known)))
    texts = {}
    for key, default, allowed in rows():
        text = given.get(key, default)
        if isinstance(text, bool):
            text = "yes" if text else "no"
        if text is None and allowed == "digits":
            first = 12345677 if key == "identification" else 87654320
            text = "%08d" % (first + config.meter)
        texts[key] = text = "" if text is None else str(text)
        setattr(config, key, _value_of(key, allowed, text))
    for line in _TOGETHER.split("\n"):
        _check(line, texts)
    code = config.manufacturer
    config.identification += bytes((code & 0xFF, code >> 8, config.version, config.type))
    if config.baud == "auto":
        config.baud = 0
    config.tariff_source = ("input", "bus", "clock").index(config.tariff_source)


def _check(line, texts):
    """ConfigError if a line of _TOGETHER does not hold."""
    this, other = line.split(" ")
    key, is_so = _is_so(this, texts)
    if not is_so:
        return
    needed, is_so = _is_so(other, texts)
    if not is_so:
        if other.endswith("="):
            other = ("a " if "!" in other else "no ") + needed
        raise ConfigError("%s=%s: allowed only with %s" % (key, texts[key], other))


def _is_so(condition, texts):
    key, _, text = condition.partition("=")
    if key.endswith("!"):
        return key[:-1], texts[key[:-1]] != text
    return key, texts[key] == text
