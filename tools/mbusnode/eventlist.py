# SPDX-License-Identifier: MIT
"""`mbus events`: the last 64 events of a meter of ours, in words."""

import csv
import json
import sys
from datetime import datetime, timedelta
from struct import unpack

from rich.table import Table

from mbus.header import identification_text
from mbusnode import asking, busline, output, partner, registernames
from mbusnode.failure import Failure
from mbusnode.report import Report
from meter import events

_EXAMPLES = """\
examples:
  mbus events 5 --port /dev/ttyUSB0
  mbus events 12345678 --port /dev/ttyUSB0 --format json
"""

_FORMAT = "<IHBBI"
_BINARY = 0xE0 + events.OCTETS  # LVAR
_EPOCH = datetime(2000, 1, 1)

_WORDS = {
    events.BREAKER_OPENED: "breaker opened",
    events.BREAKER_CLOSED: "breaker closed",
    events.CLOCK_SET: "clock set",
    events.CLOCK_SHIFTED: "clock shifted",
    events.RATIO: "transformer ratio set",
    events.RATIO_LOCK: "lock of the transformer ratio set",
    events.PRIMARY: "primary address set",
    events.IDENTIFICATION: "identification number set",
    events.DEBITING_STOP: "debiting period closed",
    events.CREDIT_EXHAUSTED: "credit exhausted",
    events.THRESHOLD_EXCEEDED: "power threshold exceeded",
    events.CONFIGURATION_DAMAGED: "configuration damaged",
    events.REFUSED_BY_LOCK: "command refused by the write lock",
}
_WITHOUT_VALUE = (
    events.BREAKER_OPENED,
    events.BREAKER_CLOSED,
    events.CREDIT_EXHAUSTED,
    events.CONFIGURATION_DAMAGED,
    events.REFUSED_BY_LOCK,
)
_COLUMNS = ("number", "time", "code", "event", "value")


def add_parser(subparsers, shared):
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "events",
        help="list the last events of our meter",
        description="List the last 64 events of a meter of ours, the newest first.",
        epilog=_EXAMPLES,
        formatter_class=shared.formatter,
    )
    parser.add_argument("address", metavar="ADDRESS", help=busline.ADDRESS_HELP)
    shared.add_format(parser)
    busline.add_arguments(parser)
    parser.set_defaults(run=run)


def run(args) -> int:
    """List the events; 1 when there are none."""
    address = busline.address(args.address)
    register = registernames.register("event")
    reports = []
    with partner.opened(args, address) as one:
        one.ask(
            [asking.everything_of(register)],
            lambda frame: reports.append(Report.of_frame(frame)),
        )
    rows = [row for report in reports for row in report.rows if row.head.vif == "FF50"]
    found = [event(bytes.fromhex(row.raw)) for row in rows if _is_event(row)]
    if not found:
        raise Failure("%s tells of no events" % args.address)
    _PRINTERS[args.format](found)
    return 0


def _is_event(row):
    return len(row.raw) == 2 * (1 + events.OCTETS) and int(row.raw[:2], 16) == _BINARY


def event(octets: bytes) -> dict:
    """The event in an LVAR of binary octets, in words."""
    seconds, number, code, _, value = unpack(_FORMAT, octets[1:])
    moment = None
    if seconds != events.NO_TIME:
        moment = (_EPOCH + timedelta(seconds=seconds)).isoformat()
    return {
        "number": number,
        "time": moment,
        "code": code,
        "event": _WORDS.get(code, "event %d" % code),
        "value": _value(code, value),
    }


def _value(code, value):
    """What the value of an event means, as a text."""
    if code == events.CLOCK_SHIFTED:
        return "%+d s" % (value - (1 << 32) if value >> 31 else value)
    if code == events.CLOCK_SET:
        return (_EPOCH + timedelta(seconds=value)).isoformat() + " before"
    if code == events.IDENTIFICATION:
        return identification_text(value.to_bytes(4, "little"))
    if code == events.THRESHOLD_EXCEEDED:
        return "%d W" % value
    if code == events.RATIO:
        return "%d/5" % value
    if code == events.RATIO_LOCK:
        return "locked" if value else "not locked"
    if code in _WITHOUT_VALUE:
        return ""
    return str(value)


def _print_table(found):
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("number", "time", "event", "value"):
        table.add_column(title, overflow="fold")
    for one in found:
        table.add_row(str(one["number"]), one["time"] or "unknown", one["event"], one["value"])
    output.console().print(table)


def _print_json(found):
    for one in found:
        print(json.dumps(one, ensure_ascii=False))


def _print_csv(found):
    writer = csv.DictWriter(sys.stdout, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)


_PRINTERS = {"table": _print_table, "json": _print_json, "csv": _print_csv}
