# SPDX-License-Identifier: MIT
"""The start-up configuration: key=value settings with defaults that depend on the meter.

Not what the bus changes: that is in settings.py and goes before this.
"""

from mbus.header import manufacturer_code
from mbus.timing import RATES

# key            default   what is allowed, for people
_KEYS = (
    ("meter", 1, "1 to 1000"),
    ("primary", None, "0 to 250"),
    ("identification", None, "8 decimal digits"),
    ("serial", None, "8 decimal digits"),
    ("manufacturer", "EXM", "three capital letters A to Z"),
    ("version", 1, "0 to 255"),
    ("type", 2, "a device type, 0 to 255, such as 2 or 0x02 for electricity"),
    ("baud", 2400, "300, 600, 1200, 2400, 4800, 9600, 19200 or 38400; of one meter also auto"),
    ("telegrams", 2, "2 or 3"),
    ("profile", "standard", "standard or legacy"),
    ("ct", False, "yes or no"),
    ("strict", False, "yes or no"),
    ("ack_reset_253", False, "yes or no"),
    ("echo", "auto", "auto, on or off"),
    ("bus", "", "HOST:PORT, or the path of a pty or tty"),
    ("state", "", "a directory"),
)
_RANGES = {"meter": (1, 1000), "primary": (0, 250), "version": (0, 255), "type": (0, 255)}


class ConfigError(ValueError):
    """A setting that cannot be: the text names key, value and what is allowed."""


class Config:
    """The settings of one meter as attributes, from a dict of texts (or finished values).

    meter k (from 1) has primary address k, identification number 12345677 + k and serial
    number 87654320 + k where nothing else is said; meters above 250 need their own address.
    identification is the 8 octets of the secondary address, serial 4 BCD octets, both in
    wire order.
    """

    def __init__(self, given):
        allowed = {key: (default, words) for key, default, words in _KEYS}
        for key in given:
            if key not in allowed:
                raise ConfigError(
                    "unknown setting %s; known are %s"
                    % (key, ", ".join([row[0] for row in _KEYS]))
                )
        read = {}
        for key, default, words in _KEYS:
            value = given.get(key)
            read[key] = default if value is None else _value(key, value, words)
        self.meter = meter = read["meter"]
        self.primary = read["primary"]
        if self.primary is None:
            self.primary = _value("primary", meter, allowed["primary"][1])
        number = read["identification"] or "%08d" % (12345677 + meter)
        self.serial = _wire(read["serial"] or "%08d" % (87654320 + meter))
        code = manufacturer_code(read["manufacturer"])
        self.identification = _wire(number) + bytes(
            (code & 0xFF, code >> 8, read["version"], read["type"])
        )
        self.baud = read["baud"]
        self.telegrams = read["telegrams"]
        self.profile = read["profile"]
        self.ct = read["ct"]
        self.strict = read["strict"]
        self.ack_reset_253 = read["ack_reset_253"]
        self.echo = read["echo"]
        self.bus = read["bus"]
        self.state = read["state"]


def pairs(lines):
    """The dict of key=value lines; empty ones and those that begin with # say nothing."""
    given = {}
    for line in lines:
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if not equals:
            raise ConfigError("%r is no setting; a setting is key=value" % line)
        given[key.strip()] = value.strip()
    return given


def _wire(digits):
    """8 decimal digits as 4 BCD octets, least significant first."""
    return bytes([int(digits[i : i + 2], 16) for i in (6, 4, 2, 0)])


def _value(key, value, words):
    try:
        result = _read(key, value)
    except ValueError:
        result = None
    if result is None:
        raise ConfigError("%s=%s: allowed is %s" % (key, value, words))
    return result


def _read(key, value):
    """The finished value of a setting, or None (or ValueError) where it is not allowed."""
    if key in _RANGES:
        low, high = _RANGES[key]
        number = value if isinstance(value, int) else int(value, 0)
        return number if low <= number <= high else None
    if key in ("identification", "serial"):
        return value if len(value) == 8 and all("0" <= d <= "9" for d in value) else None
    if key == "baud" and value == "auto":
        return 0
    if key in ("baud", "telegrams"):
        return int(value) if int(value) in (RATES if key == "baud" else (2, 3)) else None
    if key in ("ct", "strict", "ack_reset_253"):
        return {True: True, False: False, "yes": True, "no": False}.get(value)
    if key == "echo":
        return value if value in ("auto", "on", "off") else None
    if key == "profile":
        return value if value in ("standard", "legacy") else None
    if key == "manufacturer":
        manufacturer_code(value)
    return value
