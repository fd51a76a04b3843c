# SPDX-License-Identifier: MIT
"""`mbus decode`: telegrams from the command line, a file or standard input, one a line."""

import os
import sys

from mbusnode import busline, keys, output
from mbusnode.failure import Failure
from mbusnode.report import Report

_SEPARATORS = str.maketrans("", "", " \t\r:,;-_")
_DIGITS = frozenset("0123456789abcdefABCDEF")

_EXAMPLES = """\
examples:
  mbus decode 6806066808057200...16        one telegram
  mbus decode telegrams.txt                a file, one telegram a line
  mbus decode - --format json < dump.txt   standard input, one JSON object a line
  mbus decode --key 000102...0F 6841...16  one that is encrypted in mode 5 or 7
  mbus decode --key keys.toml dump.txt     with the keys of a key file, by meter
"""
_KEY_HELP = (
    "open what is encrypted in mode 5 or 7: by this key of 32 hexadecimal digits, which other "
    "users of this machine can see in the list of processes, or by a key file (see mbus read)"
)


def add_parser(subparsers, shared):
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "decode",
        help="decode telegrams",
        description="Decode M-Bus telegrams, given in hexadecimal, one a line.",
        epilog=_EXAMPLES,
        formatter_class=shared.formatter,
    )
    parser.add_argument(
        "source", nargs="?", default="-", metavar="HEX|FILE|-", help="default: standard input"
    )
    parser.add_argument("--key", metavar="HEX|FILE", help=_KEY_HELP)
    parser.add_argument(
        "--meter",
        metavar="NUMBER",
        help="whose the telegrams with a short header are: the 16 digits of a secondary "
        "address, in mode 7 also the 8 of an identification number",
    )
    shared.add_format(parser)
    parser.set_defaults(run=run)


def run(args) -> int:
    """Decode each line that is not empty; 1 when one of them has errors."""
    ring = _ring(args.key) if args.key is not None else None
    meter = _meter(args.meter) if args.meter else None
    printer = output.printer(args.format)
    bad = False
    for line in _lines(args.source):
        if line.strip():
            report = read_line(line, ring, meter)
            if report.security and args.format == "table":
                print("security: " + report.security.words())
            printer.add(report)
            bad = bad or bool(report.errors)
    return 1 if bad else 0


def _ring(text):
    """The keys that --key gives; what it says is in no error, unless it is the name of a file."""
    if keys.is_hexadecimal(text) and not os.path.exists(text):
        try:
            return keys.OneKey(keys.parse(text))
        except Failure as e:
            raise Failure("--key: %s" % e, 2) from None
    if not os.path.exists(text):
        raise Failure("--key: that is neither hexadecimal digits nor a file that is there", 2)
    return keys.load(text)


def _meter(text):
    if len(text) in (8, 16) and keys.is_hexadecimal(text):
        address = busline.address(text)
        if keys.has_number(address):
            return address[: len(text) // 2]
    # Not repeated: a key may have been put in the wrong place.
    raise Failure("--meter: give all 16 or 8 digits of one meter, without wildcards", 2)


def _lines(source):
    if source == "-":
        return sys.stdin
    if os.path.exists(source):
        if os.path.isdir(source):
            raise Failure("%s is a folder, not a file of telegrams" % source, 2)
        return _file_lines(source)
    if ("/" in source or "." in source) and not set(source.translate(_SEPARATORS)) <= _DIGITS:
        raise Failure(
            "%s: there is no such file, and it is no telegram in hexadecimal" % source, 2
        )
    return [source]


def _file_lines(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            yield from lines
    except OSError as e:
        raise Failure("%s cannot be read: %s" % (path, e.strerror), 2) from None


def read_line(line: str, ring=None, meter=None) -> Report:
    """The Report of one line; octets may be set apart by blanks, colons, commas or dashes."""
    try:
        return Report.of_octets(octets(line), ring, meter)
    except Failure as e:
        return Report.of_error(str(e))


def octets(text: str) -> bytes:
    """The octets of a text in hexadecimal; Failure says where it is none."""
    digits = text.translate(_SEPARATORS).strip()
    error = _hex_error(digits)
    if error:
        raise Failure(error, 2)
    return bytes.fromhex(digits)


def _hex_error(text):
    for at, digit in enumerate(text):
        if digit not in _DIGITS:
            return "not hexadecimal: %r at digit %d" % (digit, at)
    if len(text) % 2:
        return "not hexadecimal: %d digits are no whole number of octets" % len(text)
    return None
