# SPDX-License-Identifier: MIT
"""Files of settings: lines key=value, and what is noticed of a damaged one.

A compiled file, which `mbus config` makes, begins with a line that counts the settings and
holds a checksum, so that what was cut or changed is noticed.  One that people write has none.
"""

from binascii import crc32

from . import ConfigError

MOST = 4096  # octets: a device reads a file as a whole

_MARK = "# mbus-node configuration"


def pairs(lines):
    """The dict of key=value lines; empty ones and those that begin with # say nothing."""
    given = {}
    for line in lines:
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        key, equals, text = line.partition("=")
        key = key.strip()
        if not equals:
            raise ConfigError("%r is no setting; a setting is key=value" % line)
        if key in given:
            raise ConfigError("%s is given twice" % key)
        given[key] = text.strip()
    return given


def first_line(lines) -> str:
    """What a compiled file begins with, without the end of that line; lines: octets behind it."""
    return "%s, %d settings, crc %08X" % (_MARK, lines.count(b"\n"), crc32(lines))


def settings_of(octets):
    """The dict of settings of a whole file; ConfigError says what is wrong with it."""
    if len(octets) > MOST:
        raise ConfigError("it is longer than %d octets" % MOST)
    first, _, rest = octets.partition(b"\n")
    if first.startswith(_MARK.encode()) and first != first_line(rest).encode():
        raise ConfigError("it was cut or changed, its checksum is wrong")
    try:
        text = str(octets, "utf-8")
    except UnicodeError:
        raise ConfigError("it is no text")
    given = pairs(text.split("\n"))
    if not given:
        raise ConfigError("there is no setting in it")
    return given
