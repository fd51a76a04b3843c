# SPDX-License-Identifier: MIT
"""`mbus time`, `breaker`, `tariff`, `debit`, `ratio`, `prepay`, `diag`: one for each function.

Thin over reading and writing registers: a command's words become an order for a register, or
the names of registers to show.
"""

import os
from collections import namedtuple

from mbusnode import asking, busline, devicediag, partner, registernames, writing, writtenvalue
from mbusnode.failure import Failure
from mbusnode.reading import MeterTables
from mbusnode.report import Report
from node.registers import ADD, CLEAR, STORAGES, SUBTRACT

# Registers to show; a storage number shows all that is kept of that closed period.
Show = namedtuple("Show", "registers storage", defaults=((), 0))
# help, usage of the words behind ADDRESS, the function that takes them, examples.
Function = namedtuple("Function", "help usage plan examples")

_BREAKER = {"off": "0", "on": "1", "release": "2"}
_SOURCES = ("input", "bus", "clock")
_RELAY_MS = 1000  # a breaker has moved by then, or does not
_HEALTH = (
    *("version", "metrology", "status", "rtc_status", "last_error"),
    *("reset_cause", "starts", "watchdog_resets", "crashes", "crash"),
    *("store_failures", "late_replies", "line_errors"),
)
_YES = {"yes": "1", "no": "0"}


def _time(words):
    match words:
        case [] | ["show"]:
            return Show(("time_seconds", "rtc_status"))
        case ["set", moment]:
            return writing.order("time_seconds", moment, show=("rtc_status",))
        case ["add", offset]:
            return writing.order("time_of_day", offset, ADD)
        case ["subtract", offset]:
            return writing.order("time_of_day", offset, SUBTRACT)
    return None


def _breaker(words):
    match words:
        case [] | ["show"]:
            return Show(("breaker", "breaker_state"))
        case [word] if word in _BREAKER:
            shown = ("breaker_state",)
            return writing.order("breaker", _BREAKER[word], show=shown, settle_ms=_RELAY_MS)
    return None


def _tariff(words):
    match words:
        case [] | ["show"]:
            return Show(("tariff", "tariff_source", "tariff_inverted"))
        case [number] if number.isdigit():
            return writing.order("tariff", number)
        case ["source", word] if word in _SOURCES:
            return writing.order("tariff_source", word, show=("tariff",))
        case ["invert", word] if word in _YES:
            return writing.order("tariff_inverted", _YES[word], show=("tariff",))
    return None


def _debit(words):
    match words:
        case ["stop"]:
            return writing.order("debiting_stop", show=("periods",))
        case ["freeze"]:
            return writing.order("freeze")
        case [] | ["show"]:
            return Show((), 1)
        case ["show", number] if number.isdigit() and 1 <= int(number) < STORAGES:
            return Show((), int(number))
    return None


def _ratio(words):
    match words:
        case [] | ["show"]:
            return Show(("ratio", "ratio_lock"))
        case ["lock"]:
            return writing.order("ratio_lock", "1")
        case [number]:
            return writing.order("ratio", number.removesuffix("/5"), show=("ratio_lock",))
    return None


def _diag(words):
    return Show(_HEALTH) if words in ([], ["show"]) else None


def _prepay(words):
    shown = ("prepayment", "credit", "breaker_state")
    match words:
        case [] | ["show"]:
            return Show(shown)
        case ["on" | "off" as word]:
            return writing.order("prepayment", word, show=("credit",))
        case ["add", amount]:
            return writing.order("credit", amount, ADD, shown[2:])
        case ["set", amount]:
            return writing.order("credit", amount, show=shown[2:], settle_ms=_RELAY_MS)
        case ["clear"]:
            return writing.order("credit", None, CLEAR, shown[2:], _RELAY_MS)
    return None


FUNCTIONS = {
    "diag": Function(
        "show how our meter fares: resets, crashes, errors of line and storage",
        "[show]   mbus read ADDRESS --register crash[0-3] shows older crashes; without ADDRESS\n"
        "  --port is the USB or serial port of the device itself, which is stopped meanwhile",
        _diag,
        ("5",),
    ),
    "time": Function(
        "show, set or shift the clock of our meter",
        "[show | set now | set 2025-11-22T07:45:30 | add 30s | subtract 10s]",
        _time,
        ("5", "5 set now", "5 set 2025-11-22T07:45:30", "12345678 subtract 10s"),
    ),
    "breaker": Function(
        "show or switch the breaker of our meter",
        "[show | off | on | release]   release: a person at the meter may switch on",
        _breaker,
        ("5", "5 off", "5 release"),
    ),
    "tariff": Function(
        "show or choose the tariff of our meter",
        "[show | 1..4 | source input|bus|clock | invert yes|no]",
        _tariff,
        ("5", "5 source bus", "5 2", "5 invert yes"),
    ),
    "debit": Function(
        "close a debiting period of our meter, or show one",
        "[show [1..15] | stop | freeze]   1 is the newest closed period",
        _debit,
        ("5 stop", "5 show", "5 show 12"),
    ),
    "ratio": Function(
        "show, set or lock the transformer ratio of our meter",
        "[show | N | N/5 | lock]   the x of x/5 A",
        _ratio,
        ("5", "5 100/5", "5 lock"),
    ),
    "prepay": Function(
        "show or change the prepayment of our meter",
        "[show | on | off | add ENERGY | set ENERGY | clear]   without a unit: in 10 Wh",
        _prepay,
        ("5", "5 on", "5 add 50kWh", "5 clear"),
    ),
}


def add_parsers(subparsers, shared):
    """Add the commands' arguments."""
    for name, function in FUNCTIONS.items():
        lines = ["mbus %s %s --port /dev/ttyUSB0" % (name, words) for words in function.examples]
        parser = subparsers.add_parser(
            name,
            help=function.help,
            description="%s.  WHAT is\n  %s" % (function.help.capitalize(), function.usage),
            epilog="examples:\n  " + "\n  ".join(lines),
            formatter_class=shared.formatter,
        )
        _add_address(parser, name)
        parser.add_argument("words", nargs="*", metavar="WHAT", help="default: show")
        busline.add_arguments(parser)
        parser.set_defaults(run=run, function=name)


def _add_address(parser, name):
    if name != "diag":
        parser.add_argument("address", metavar="ADDRESS", help=busline.ADDRESS_HELP)
        return
    # Without one it is the device itself that is at the port, not a bus.
    parser.add_argument("address", metavar="ADDRESS", nargs="?", help=busline.ADDRESS_HELP)


def run(args) -> int:
    """Show registers, or do something to one and say what came of it."""
    if args.address is None:
        if not args.port or args.port == os.environ.get("MBUS_PORT"):
            raise Failure("which meter?  Give ADDRESS; or --port PORT of the device itself", 2)
        return devicediag.run(args)
    address = busline.address(args.address)
    function = FUNCTIONS[args.function]
    plan = function.plan(args.words)
    if plan is None:
        usage = function.usage.split("   ")[0]
        raise Failure("%s %s: give ADDRESS %s" % (args.function, " ".join(args.words), usage), 2)
    with partner.opened(args, address) as one:
        if isinstance(plan, writing.Order):
            one.meet()
            plan = function.plan(args.words)  # once more, for `now` is another moment
            writing.report(writing.carry_out(one, args.address, plan), plan)
            return 0
        if plan.storage:
            return _show_period(one, args.address, plan.storage)
        return _show(one, args.address, plan.registers)


def _show(one, place, names):
    registers = [registernames.register(name) for name in names]
    found = one.values(one.address, registers)
    if not any(row.value for row in found.values()):
        raise Failure("%s has no %s" % (place, " and no ".join(names)))
    for register in registers:
        if register.name in found:
            print("%s: %s" % (register.name, writtenvalue.shown(register, found[register.name])))
    return 0


def _show_period(one, place, storage):
    reports = []
    before_ms = one.link.bus_ms
    one.ask(asking.period(storage), lambda frame: reports.append(Report.of_frame(frame)))
    registernames.name_all(reports, "on")
    # A meter with nothing there answers with its normal data.
    for report in reports:
        report.rows = [row for row in report.rows if row.head.storage == storage]
    if not any(report.rows for report in reports):
        raise Failure("%s has nothing in storage %d: no period is closed there" % (place, storage))
    MeterTables().meter(place, reports, one.link.bus_ms - before_ms)
    return 0
