# SPDX-License-Identifier: MIT
"""`mbus config`: a file of settings in TOML, checked and compiled to what a device reads.

The keys and what they allow are the firmware's own (node/configkeys.py).
"""

import difflib
import sys
import tomllib

from mbusnode.failure import Failure
from node import ConfigError
from node.config import Config
from node.configfile import first_line
from node.configkeys import rows, words

# What each setting means.
MEANINGS = {
    "meter": "number of the meter; of a [[meter]] table, or by --meter",
    "primary": "primary address, until one is given over the bus",
    "identification": "identification number",
    "serial": "serial number, which is the fabrication number",
    "manufacturer": "manufacturer",
    "version": "version in the secondary address",
    "type": "device type in the secondary address, 2 is electricity",
    "baud": "baud rate",
    "telegrams": "telegrams of a readout",
    "profile": "codes of the records, legacy those of an older module",
    "phases": "phases of the meter",
    "ct": "behind current transformers: energy in 48 bits, and of the secondary side",
    "ratio": "of new current transformers, N of N/5 A",
    "source": "what is measured: pulses, an example household, what a host sets, or nothing",
    "pulse1_unit": "unit of pulse input 1",
    "pulse1_weight": "its pulses for a unit",
    "pulse2_unit": "unit of pulse input 2",
    "pulse2_weight": "its pulses for a unit",
    "period_min": "minutes of a demand period",
    "tariff_source": "what switches the tariff",
    "tariff_inverted": "level 1 of the tariff input is tariff 1",
    "tariff_table": "time table of the tariffs",
    "dst": "daylight saving time, eu by its rule since 1996",
    "utc_offset_min": "standard time minus UTC, in minutes",
    "debit_day": "day of the month of the debiting stop, 0 for none",
    "debit_minute": "minute of that day",
    "tariff_input": "what the tariff input gives at 230 V: pulses of the mains, or a level",
    "breaker": "a breaker is fitted",
    "relay_ms": "milliseconds of a pulse for a coil of its relay",
    "relay_spacing_s": "seconds between two of these pulses at least",
    "reconnect": "who closes it after a connect command: that command, or a button",
    "broadcast_breaker": "obey breaker commands to address 255",
    "prepayment": "credit can be bought, tariff 1 is the only one",
    "threshold_opens": "more power than the threshold opens the breaker",
    "lock": "refuse all changes over the bus",
    "save_min": "minutes between two saves of what is counted",
    "save_pulses": "and pulses between them at most, where there is no FRAM",
    "strict": "tell a repeated request by its frame count bit alone",
    "ack_reset_253": "acknowledge SND_NKE to 253 though not selected",
    "echo": "whether the transceiver echoes",
    "reply_bits": "bit times between a request and its reply at least, more for a slow master",
    "bus": "where the bus is, on a PC",
    "state": "where changes and counts are kept, on a PC",
}

_EXAMPLES = """\
examples:
  mbus config boards/desk/examples/three-phase.toml --check
  mbus config boards/desk/examples/three-phase.toml -o meter.conf

The file is TOML, with these settings:

%s
What stands in [[meter]] tables is for one meter each, and --meter says which.
"""

_BY_METER = {"identification": "12345677 + meter", "serial": "87654320 + meter"}

# A [[tariff_table]] entry: key and default.
_ENTRY = {"days": "Mo-Su", "months": "1-12", "at": None, "tariff": None}


def add_parser(subparsers, shared):
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "config",
        help="check a file of settings and compile it for a device",
        description="Check a file of settings, and compile it to what a device reads.",
        epilog=_EXAMPLES % listing(),
        formatter_class=shared.formatter,
    )
    parser.add_argument("file", metavar="FILE", help="settings in TOML, see below")
    parser.add_argument("--meter", type=int, metavar="N", help="default: 1")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("-o", "--output", metavar="OUT", help="default: standard output")
    way.add_argument("--check", action="store_true", help="show all settings that result")
    parser.set_defaults(run=run)


def run(args) -> int:
    """Compile, or show."""
    shared, tables = load(args.file)
    meter = 1 if args.meter is None else args.meter
    if tables and not 1 <= meter <= len(tables):
        raise Failure(
            "%s has %d [[meter]] tables: no meter %d" % (args.file, len(tables), meter), 2
        )
    given = {**shared, **(tables[meter - 1] if tables else {}), "meter": str(meter)}
    config = made("%s: " % args.file, given)
    if args.check:
        print(_shown(config, given))
        return 0
    octets = compiled(given)
    if args.output is None:
        sys.stdout.write(octets.decode())
        return 0
    try:
        with open(args.output, "wb") as file:
            file.write(octets)
    except OSError as e:
        raise Failure("%s cannot be written: %s" % (args.output, e.strerror), 2) from None
    return 0


def made(where, given) -> Config:
    """The Config of these settings; Failure, its text beginning with where they are from."""
    try:
        return Config(given)
    except ConfigError as e:
        raise Failure(where + str(e), 2) from None


def compiled(given) -> bytes:
    """The file for the device: the settings that are given, which Config has taken."""
    lines = ["%s=%s\n" % (key, given[key]) for key, _, _ in rows() if key in given]
    octets = "".join(lines).encode()
    return first_line(octets).encode() + b"\n" + octets


def load(path, option=""):
    """(settings for all, [settings of each [[meter]] table]) of a TOML file, as texts.

    Known settings, each with a value of the right sort: Config checks the rest.  Failure
    names the file, behind the option that it was given with.
    """
    where = option + path
    try:
        with open(path, "rb") as file:
            content = tomllib.load(file)
    except OSError as e:
        raise Failure("%s cannot be read: %s" % (where, e.strerror), 2) from None
    except ValueError as e:  # a TOMLDecodeError, or octets that are no UTF-8
        raise Failure("%s: %s" % (where, e), 2) from None
    tables = content.pop("meter", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise Failure("%s: meters are [[meter]] tables, in two brackets" % where, 2)
    own = ["%s: meter %d: " % (where, k) for k in range(1, len(tables) + 1)]
    return _texts(where + ": ", content), [*map(_texts, own, tables)]


def _texts(where, table):
    known = {key: allowed for key, _, allowed in rows() if key != "meter"}
    result = {}
    for key, value in table.items():
        _known(where, "setting", key, known)
        if key == "tariff_table" and isinstance(value, list):
            value = "; ".join(_entry(where, n, entry) for n, entry in enumerate(value, 1))
        elif not isinstance(value, (str, int)):
            told = where, key, value, words(known[key])
            raise Failure("%s%s=%s: allowed is %s" % told, 2)
        result[key] = ("no", "yes")[value] if isinstance(value, bool) else str(value)
    return result


def _entry(where, number, entry):
    """One entry of the time table as the text that Config reads."""
    where = "%stariff_table, entry %d: " % (where, number)
    if not isinstance(entry, dict):
        raise Failure("%s%s: it is a table with %s" % (where, entry, ", ".join(_ENTRY)), 2)
    for key in entry:
        _known(where, "key", key, _ENTRY)
    fields = {**_ENTRY, **entry}
    for key, value in fields.items():
        if value is None:
            raise Failure("%s%s is missing" % (where, key), 2)
    # Blanks separate fields; those within one say nothing.
    return " ".join("".join(str(value).split()) for value in fields.values())


def _known(where, what, key, known):
    if key not in known:
        near = difflib.get_close_matches(key, known, 3)
        hint = "did you mean %s?" % " or ".join(near)
        if not near:
            hint = "known are " + ", ".join(known)
        raise Failure("%sunknown %s %s; %s" % (where, what, key, hint), 2)


def _shown(config, given) -> str:
    """All settings, one a line."""
    lines = []
    for key, default, _ in rows():
        text = given.get(key, default)
        if text is None and key in ("identification", "serial"):
            text = getattr(config, key)[3::-1].hex()
        mark = "" if key in given else "default"
        lines.append("%-17s %-12s %-7s  %s" % (key, text or "none", mark, MEANINGS[key]))
    return "\n".join(lines)


def listing() -> str:
    """The settings for --help."""
    lines = []
    for key, default, allowed in rows():
        lines.append("  %-17s %s" % (key, MEANINGS[key]))
        default = default or _BY_METER.get(key, "none")
        lines.append("  %-17s %s; default: %s" % ("", words(allowed), default))
    return "\n".join(lines) + "\n"


def markdown() -> str:
    """The settings as a table for the README."""
    lines = ["| setting | allowed | default | meaning |", "|---|---|---|---|"]
    for key, default, allowed in rows():
        cells = key, words(allowed), default or _BY_METER.get(key, "–"), MEANINGS[key]
        lines.append("| `%s` | %s | %s | %s |" % cells)
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown())
