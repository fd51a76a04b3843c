# SPDX-License-Identifier: MIT
"""`mbus read`: read meters out, all telegrams of each."""

import sys

from mbusnode import busline, output
from mbusnode.failure import Failure
from mbusnode.report import Report

_EXAMPLES = """\
examples:
  mbus read 1 --port /dev/ttyUSB0                      the meter with primary address 1
  mbus read 12345678 --port /dev/ttyUSB0 --baud 300    by its identification number
  mbus read 123456780D170102 5 6 --port socket://10.0.0.7:10001 --format json
"""


def add_parser(subparsers, shared):
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "read",
        help="read meters out",
        description="Read meters out, each with all its telegrams.",
        epilog=_EXAMPLES,
        formatter_class=shared.formatter,
    )
    parser.add_argument("address", nargs="+", metavar="ADDRESS", help=busline.ADDRESS_HELP)
    shared.add_format(parser)
    busline.add_arguments(parser)
    parser.set_defaults(run=run)


def run(args) -> int:
    """Read each address; 1 when one of them gave nothing."""
    addresses = [(text, busline.address(text)) for text in args.address]
    printer = MeterTables() if args.format == "table" else output.printer(args.format)
    bad = False
    with busline.opened(args) as link:
        for text, address in addresses:
            reports = []
            before_ms = link.bus_ms
            try:
                busline.run(link, link.master.read(address, _collector(reports, printer)))
                if not reports:
                    raise Failure("%s has no data" % text)
            except Failure as e:
                print("mbus: " + str(e), file=sys.stderr)
                bad = True
            if isinstance(printer, MeterTables) and reports:
                printer.meter(text, reports, link.bus_ms - before_ms)
            bad = bad or any(report.errors for report in reports)
    return 1 if bad else 0


def _collector(reports, printer):
    def telegram(frame):
        report = Report.of_frame(frame)
        reports.append(report)
        if not isinstance(printer, MeterTables):
            printer.add(report)

    return telegram


class MeterTables:
    """One table a meter, with the records of all its telegrams."""

    def __init__(self):
        self._console = output.console()

    def meter(self, text, reports, bus_ms):
        """Print a meter that was asked for as text."""
        rows = [row for report in reports for row in report.rows]
        self._console.print("%s: %s" % (text, output.heading(reports[0])))
        if rows:
            self._console.print(output.table(rows))
        for report in reports:
            if report.manufacturer_data:
                self._console.print("manufacturer data: " + report.manufacturer_data)
            for error in report.errors:
                self._console.print("error: " + error)
        self._console.print(
            "%s, %s, %.2f s on the bus"
            % (_count(len(reports), "telegram"), _count(len(rows), "record"), bus_ms / 1000)
        )
        self._console.print()


def _count(n, noun):
    return "%d %s%s" % (n, noun, "" if n == 1 else "s")
