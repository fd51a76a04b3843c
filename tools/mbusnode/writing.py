# SPDX-License-Identifier: MIT
"""`mbus write`: one register of a meter of ours, and whether the meter did what it was told."""

from collections import namedtuple

from mbus.record import put
from mbusnode import busline, outcome, partner, registernames, writtenvalue
from mbusnode.failure import Failure
from node.registers import ADD, CLEAR, FREEZE, SUBTRACT, WRITE

# Object actions (EN 13757-3, table 13); none at all writes.
_ACTIONS = {ADD: 0x01, SUBTRACT: 0x02, CLEAR: 0x07, FREEZE: 0x0B}
ACTION_WORDS = {
    WRITE: "written",
    ADD: "added to",
    SUBTRACT: "subtracted from",
    CLEAR: "cleared",
    FREEZE: "called",
}
_WITHOUT_VALUE = CLEAR | FREEZE

_FIELD = 0x0F
_EXTENSION = 0x80

# action is one of the bits above, data what record.put() takes, show more registers to read back,
# settle_ms after the order: what moves takes its time.
Order = namedtuple("Order", "register action data show settle_ms", defaults=((), 0))


def order(name: str, value=None, action: int = WRITE, show=(), settle_ms: int = 0) -> Order:
    """What to do to a register; Failure where it cannot be done, or the value is none."""
    register = registernames.register(name)
    if register.access == FREEZE and action == WRITE and value is None:
        action = FREEZE  # such a register is a command, and nothing else can be done with it
    if not register.access & action:
        can = [word for bit, word in ACTION_WORDS.items() if register.access & bit]
        raise Failure(
            "register %s cannot be %s, only %s"
            % (name, ACTION_WORDS[action], " or ".join(can) or "read"),
            2,
        )
    if action & _WITHOUT_VALUE:
        if value is not None:
            raise Failure("VALUE %s: nothing is written to %s" % (value, name), 2)
        data = b""
    elif value is None:
        raise Failure("VALUE is missing: %s is %s" % (name, writtenvalue.allowed(register)), 2)
    else:
        register = writtenvalue.variant_for(register, value)
        data = writtenvalue.encoded(register, value, bool(action & (ADD | SUBTRACT)))
    more = tuple(registernames.register(one) for one in show)
    return Order(register, action, data, more, settle_ms)


def record(what: Order) -> bytes:
    """The record that orders it."""
    register = what.register
    dib, vib = register.dib, register.vib
    if what.action & _WITHOUT_VALUE:
        dib = bytes((dib[0] & ~_FIELD,)) + dib[1:]
    if what.action in _ACTIONS:
        vib = vib[:-1] + bytes((vib[-1] | _EXTENSION, _ACTIONS[what.action]))
    buf = bytearray(32)
    return bytes(buf[: put(buf, 0, dib, vib, what.data)])


def carry_out(one, place: str, what: Order) -> dict:
    """Order it of a Partner, read back; {name: Row}.  Failure with the meter's refusal."""
    return outcome.carry_out(one, place, what, record(what))


def report(found: dict, what: Order):
    """Print what has been done, and what the registers say now."""
    shown = [one for one in (what.register, *what.show) if one.name in found]
    words = ["%s is now %s" % (one.name, outcome.value(found, one)) for one in shown]
    if what.register.name not in found:
        words.insert(0, what.register.name)
    print("done: " + ", ".join(words))


_EXAMPLES = """\
examples:
  mbus write 5 threshold 8kW --port /dev/ttyUSB0
  mbus write 12345678 special_1 00004711 --port /dev/ttyUSB0
  mbus write 5 credit --add 50kWh --port /dev/ttyUSB0
  mbus write 5 reset_import --clear --port /dev/ttyUSB0

A VALUE without a unit counts in the unit of the register.  Registers, and what VALUE may be:
"""


def _listed():
    lines = []
    for register in registernames.of().rows.values():
        if register.access == FREEZE:
            lines.append("  %-16s no VALUE: %s" % (register.name, register.meaning))
        elif register.access & WRITE:
            lines.append("  %-16s %s" % (register.name, writtenvalue.allowed(register)))
        elif register.access & CLEAR:
            lines.append("  %-16s --clear only" % register.name)
    return "\n".join(lines)


def add_parser(subparsers, shared):
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "write",
        help="write a register of our meter",
        description="Write a register of a meter of ours, and see that the meter did so.",
        epilog=_EXAMPLES + _listed(),
        formatter_class=shared.formatter,
    )
    parser.add_argument("address", metavar="ADDRESS", help=busline.ADDRESS_HELP)
    parser.add_argument("name", metavar="NAME", help="of the register")
    parser.add_argument("words", metavar="VALUE", nargs="*", help="see below")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--add", metavar="VALUE", help="add VALUE to the register")
    way.add_argument("--subtract", metavar="VALUE", help="subtract VALUE from it")
    way.add_argument("--clear", action="store_true", help="set it to zero")
    busline.add_arguments(parser)
    parser.set_defaults(run=run)


def run(args) -> int:
    """Write, and say what happened."""
    address = busline.address(args.address)
    what = _wanted(args)
    with partner.opened(args, address) as one:
        one.meet()
        what = _wanted(args)  # once more, for `now` is another moment
        found = carry_out(one, args.address, what)
    report(found, what)
    return 0


def _wanted(args):
    action, values = CLEAR if args.clear else WRITE, list(args.words)
    for text, other in ((args.add, ADD), (args.subtract, SUBTRACT)):
        if text is not None:
            action = other
            values.append(text)
    if len(values) > 1:
        raise Failure("VALUE %s: one is enough" % " ".join(values), 2)
    return order(args.name, values[0] if values else None, action)
