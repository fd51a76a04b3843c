# SPDX-License-Identifier: MIT
"""`mbus scan`: find the meters on a bus, by primary or by secondary address."""

import csv
import json
import sys

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from mbus import search
from mbus.header import secondary_octets, secondary_text
from mbus.readout import owner
from mbusnode import busline, output
from mbusnode.failure import Failure
from mbusnode.report import Report

_EXAMPLES = """\
examples:
  mbus scan --secondary --port /dev/ttyUSB0
  mbus scan --secondary 12FFFFFFFFFFFFFF --port /dev/ttyUSB0   only numbers that begin with 12
  mbus scan --primary 1-30 --port /dev/ttyUSB0 --baud 300
"""

_COLUMNS = (
    "state",
    "primary",
    "secondary",
    "identification",
    "manufacturer",
    "version",
    "device_type",
    "device_type_name",
)

_WILDCARDS = "F" * 16


def add_parser(subparsers, shared):
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "scan",
        help="find meters",
        description="Find the meters on a bus. Each is shown as soon as it is found.",
        epilog=_EXAMPLES,
        formatter_class=shared.formatter,
    )
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument(
        "--primary",
        nargs="?",
        const="0-250",
        metavar="FROM-TO",
        help="try primary addresses; default: 0-250",
    )
    way.add_argument(
        "--secondary",
        nargs="?",
        const=_WILDCARDS,
        metavar="MASK",
        help="search secondary addresses that match; default: all, " + _WILDCARDS,
    )
    parser.add_argument(
        "--hex",
        action="store_true",
        help="identification numbers may hold the digits A to E from the start",
    )
    shared.add_format(parser)
    busline.add_arguments(parser)
    parser.set_defaults(run=run)


def run(args) -> int:
    """Scan; 1 when no meter was found."""
    addresses = None if args.primary is None else _range(args.primary)
    mask = None if args.secondary is None else _mask(args.secondary)
    results = _Results(args.format)
    with busline.opened(args) as link, _bar() as bar:
        task = bar.add_task("", total=1.0, trying="")

        def progress(done, tried):
            bar.update(task, completed=done, trying=_words(tried))

        if mask is None:
            procedure = search.primary(link.master, results.add, addresses, progress)
        else:
            procedure = search.secondary(link.master, results.add, mask, progress, args.hex)
        busline.run(link, procedure)
        bus_ms = link.bus_ms
    if args.format == "table":
        print("%s found, %.2f s on the bus" % (results.words(), bus_ms / 1000))
    if not results.meters:
        if args.format != "table":
            print("mbus: no meter found", file=sys.stderr)
        return 1
    return 0


def _range(text):
    first, _, last = text.partition("-")
    try:
        first, last = int(first), int(last or first)
    except ValueError:
        first = -1
    if not 0 <= first <= last <= 250:
        raise Failure("--primary %s: give addresses from 0 to 250, such as 1-30" % text, 2)
    return range(first, last + 1)


def _mask(text):
    try:
        return secondary_octets((text + _WILDCARDS[len(text) :]).upper())
    except ValueError as e:
        raise Failure("--secondary: %s" % e, 2) from None


def _words(address):
    if isinstance(address, int):
        return "address %d" % address
    tail = address[8:]
    return secondary_text(address) + (" + serial %s" % tail[:1:-1].hex().upper() if tail else "")


def _bar():
    """A progress bar on standard error; nothing where that is no terminal."""
    return Progress(
        TextColumn("scanning"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} % {task.fields[trying]}"),
        TimeElapsedColumn(),
        console=output.console(stderr=True),
        transient=True,
        # On a terminal results scroll above the bar; into a file they must go themselves.
        redirect_stdout=sys.stdout.isatty(),
        redirect_stderr=False,
        disable=not sys.stderr.isatty(),
    )


class _Results:
    """Prints each result as it is found."""

    def __init__(self, form):
        self._form = form
        self.meters = 0
        self._collisions = 0
        if form == "csv":
            self._csv = csv.writer(sys.stdout, lineterminator="\n")
            self._csv.writerow(_COLUMNS)

    def add(self, address, reply):
        """A meter at address: its RSP_UD, None for a meter without data, False: a collision."""
        result = dict.fromkeys(_COLUMNS)
        if reply is False:
            result["state"] = "collision"
            self._collisions += 1
        else:
            result["state"] = "no data" if reply is None else "ok"
            self.meters += 1
        if isinstance(address, int):
            result["primary"] = address
        else:
            result["secondary"] = _words(address)
        if reply:
            self._learn(result, reply)
        self._print(result)

    def _learn(self, result, reply):
        report = Report.of_frame(reply)
        result["primary"] = report.frame[2]
        own = owner(reply)
        if own and not result["secondary"]:
            result["secondary"] = secondary_text(own)
        header = report.header or {}
        if header.get("identification") and header.get("manufacturer"):
            for name in _COLUMNS[3:]:
                result[name] = header[name]

    def _print(self, result):
        if self._form == "json":
            print(json.dumps(result, ensure_ascii=False), flush=True)
        elif self._form == "csv":
            self._csv.writerow(list(result.values()))
            sys.stdout.flush()
        else:
            print(_line(result), flush=True)

    def words(self):
        """How many meters, and collisions that could not be told apart."""
        text = "%d meter%s" % (self.meters, "" if self.meters == 1 else "s")
        if self._collisions:
            text += ", %d collision%s" % (self._collisions, "" if self._collisions == 1 else "s")
        return text


def _line(result):
    parts = []
    if result["primary"] is not None:
        parts.append("address %-3d" % result["primary"])
    if result["secondary"]:
        parts.append(result["secondary"])
    if result["manufacturer"]:
        parts.append("meter %s" % result["identification"])
        parts.append("%s version %d" % (result["manufacturer"], result["version"]))
        parts.append(result["device_type_name"])
    if result["state"] == "no data":
        parts.append("answers, but has no data")
    if result["state"] == "collision":
        parts.append("several meters answer together and cannot be told apart")
    return "  ".join(parts)
