# SPDX-License-Identifier: MIT
"""`mbus read`: read meters out, all telegrams of each."""

import sys

from mbusnode import asking, busline, keys, output, registernames
from mbusnode.counters import Ledger
from mbusnode.failure import Failure
from mbusnode.partner import Partner
from mbusnode.report import Report

_EXAMPLES = """\
examples:
  mbus read 1 --port /dev/ttyUSB0                      the meter with primary address 1
  mbus read 12345678 --port /dev/ttyUSB0 --baud 300    by its identification number
  mbus read 123456780D170102 5 6 --port socket://10.0.0.7:10001 --format json
  mbus read 5 --register time,energy_import[1-15] --port /dev/ttyUSB0   registers of our meter

encrypted meters:
  Their keys are found by their addresses in the key file, $%s or %s,
  which nobody but you may read (chmod 600):

    [123456780D170102]    # a secondary address, or an identification number alone
    key = "00112233445566778899AABBCCDDEEFF"
    level = 2             # what it must send: 0, 1 clear will do; 2 mode 5 or 7; 3 mode 7
    commands = 7          # the mode of what it is told; 5 for what may be in mode 5

  Message counters are kept in a folder beside it; a telegram from before is refused.
""" % (keys.VARIABLE, keys.DEFAULT)


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
    parser.add_argument(
        "--register",
        metavar="NAME,...",
        help="only these registers, of a meter of ours; NAME[1] is storage number 1, the newest "
        "closed period, NAME[1-15] all of them",
    )
    parser.add_argument("--registers", choices=registernames.MODES, help=registernames.MODES_HELP)
    parser.add_argument(
        "--profile",
        choices=("standard", "legacy"),
        default="standard",
        help="codes of the meter that --register asks for; default: %(default)s",
    )
    shared.add_format(parser)
    busline.add_arguments(parser)
    parser.set_defaults(run=run)


def run(args) -> int:
    """Read each address; 1 when one of them gave nothing."""
    addresses = [(text, busline.address(text)) for text in args.address]
    wanted = asking.wanted(args.register, args.profile == "legacy") if args.register else []
    ring = keys.load_default()
    printer = MeterTables() if args.format == "table" else output.printer(args.format)
    bad = False
    with busline.opened(args) as link, Ledger(ring.path) as ledger:
        for text, address in addresses:
            reports = []
            before_ms = link.bus_ms
            try:
                procedure = _procedure(link.master, address, wanted, reports)
                with busline.plainly():
                    Partner(link, address, ring, ledger).run(procedure)
                if not reports:
                    raise Failure("%s has no data" % text)
            except Failure as e:
                print("mbus: " + str(e), file=sys.stderr)
                bad = True
            registernames.name_all(reports, args.registers or ("on" if wanted else "auto"))
            if wanted:
                registernames.drop_misses(reports)
            if isinstance(printer, MeterTables):
                if reports:
                    printer.meter(text, reports, link.bus_ms - before_ms)
            else:
                for report in reports:
                    printer.add(report)
            bad = bad or any(report.errors for report in reports)
            bad = bad or (bool(wanted and reports) and _missing(text, wanted, reports))
    return 1 if bad else 0


def _procedure(master, address, wanted, reports):
    def telegram(frame):
        reports.append(Report.of_frame(frame))

    if not wanted:
        return master.read(address, telegram)
    records = [record for one in wanted for record in asking.requests(*one)]
    return asking.ask(master, address, records, telegram)


def _missing(place, wanted, reports):
    """Whether a register that was asked for is not there; says which were not answered at all."""
    rows = [row for report in reports for row in report.rows]
    sent = {row.register for row in rows}
    silent = [asking.name_of(*one) for one in wanted if asking.name_of(*one) not in sent]
    if silent:
        print("mbus: %s sent no %s" % (place, ", no ".join(silent)), file=sys.stderr)
    return bool(silent) or any(row.error for row in rows)


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
            if report.security:
                self._console.print("security: " + report.security.words())
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
