# SPDX-License-Identifier: MIT
"""`mbus write`: one register of a meter of ours, and whether the meter did what it was told.

The acknowledgement of SND_UD says only that it was received.  So the last application error
and the register itself are read back.  What must not be done twice (add, subtract, debiting
stop) is repeated only while the meter can still know the repetition for what it is.
"""

from collections import namedtuple

from mbus import names
from mbus.failures import MasterError, NoAnswerError
from mbus.fcb import repeat_ms
from mbus.record import put
from mbus.timing import elapsed
from mbusnode import asking, busline, registernames, wire, writtenvalue
from mbusnode.failure import Failure
from node.registers import ADD, CLEAR, FREEZE, READ, SUBTRACT, WRITE
from port import cpython

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
_NOT_TWICE = (ADD, SUBTRACT, FREEZE)

_SEND = 0x51
_FIELD = 0x0F
_EXTENSION = 0x80
_LONG_FRAME = 0x68
_CI_AT = 6
_MARGIN_MS = 100

# What the meter says by the code of the last error (EN 13757-3, table 17, and our details).
_REFUSALS = {
    0x08: "it is too busy for that; try again in a minute",
    0x10: "access denied: it is locked, or can only be read",
    0x11: "it has no such function, or that is not possible now",
    0x12: "the value is out of range or wrong",
    0x80: "access denied: it is locked, or can only be read",
    0x81: "it takes that encrypted only",
    0x82: "it has no such function",
    0x83: "that is not possible in its present state",
}

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


def carry_out(link, place: str, address, what: Order) -> dict:
    """Order it, read back; {name: Row} of what was read.  Failure with the meter's refusal."""
    name = what.register.name
    sending = Sending(link, what.action in _NOT_TWICE)
    failed = None
    after = [address]
    try:
        wire.run(link, sending.watch(_procedure(link.master, address, what)))
        after = _addresses_after(address, what)
    except MasterError as e:
        failed = e
        # An address that was refused shows so: nobody answers there.
        in_doubt = what.action in _NOT_TWICE or name == "primary_address"
        if not (sending.begun and in_doubt):
            raise Failure(str(e)) from None
    unknown = "%s: whether it did that is not known: " % place
    try:
        found = _read_back(link, after, what)
    except MasterError as e:
        if failed:
            raise Failure(unknown + str(failed)) from None
        raise Failure("%s acknowledged it, but then: %s" % (place, e)) from None
    code = _error_code(found)
    row = found.get(name)
    value = _value(found, what.register) if row and row.value is not None else None
    if code and not (failed and what.action in _NOT_TWICE):
        words = _REFUSALS.get(code) or names.application_error(code)
        still = "; it is still " + value if value else ""
        raise Failure("%s refused %s: %s (%02Xh)%s" % (place, name, words, code, still))
    if failed and what.action in _NOT_TWICE:
        raise Failure(unknown + str(failed) + ("; %s is %s" % (name, value) if value else ""))
    if failed:
        raise Failure(str(failed))
    if "last_error" not in found and not (row and row.raw == _data_of(what).hex().upper()):
        now = "; %s is %s" % (name, value) if value else ""
        raise Failure("%s acknowledged it, but does not tell whether it did so%s" % (place, now))
    return found


def _data_of(what):
    """What the register holds once it has been written; nothing for all other actions."""
    if what.action != WRITE:
        return b""
    return record(what)[len(what.register.dib) + len(what.register.vib) :]


def _error_code(found):
    row = found.get("last_error")
    return int(row.raw, 16) if row and row.raw else 0


def _value(found, register):
    return writtenvalue.shown(register, found[register.name])


def _procedure(master, address, what):
    if what.register.name == "primary_address":
        return master.set_address(address, what.data)
    return master.send(address, _SEND, record(what))


def _addresses_after(address, what):
    """Where the meter may be found once it has been told to do what."""
    name, data = what.register.name, what.data
    if name == "primary_address":
        return [data if isinstance(address, int) else address]
    if isinstance(address, int) or name not in ("meter_number", "identification"):
        return [address]
    octets = data if name == "identification" else bytes.fromhex("%08d" % data)[::-1]
    return [octets[:4] + address[4:], address]


class Sending:
    """A procedure that is watched while it sends a command.

    begun  whether the command has been sent at all
    once   it is not sent again when the meter would take that for a new command
    """

    def __init__(self, link, once: bool):
        self.begun = False
        self._link = link
        self._once = once

    def watch(self, procedure):
        """The same procedure."""
        link, tx = self._link, self._link.master.tx
        limit_ms = repeat_ms(link.baud) - link.idle_ms - _MARGIN_MS
        reply = None
        first = 0
        while True:
            try:
                size, wait = procedure.send(reply)
            except StopIteration as e:
                return e.value
            if size and tx[0] == _LONG_FRAME and tx[_CI_AT] == _SEND:
                now = cpython.ticks_ms()
                if not self.begun:
                    self.begun, first = True, now
                elif self._once and elapsed(now, first) > limit_ms:
                    procedure.close()
                    raise NoAnswerError("no acknowledgement, and it is too late to repeat it")
            reply = yield size, wait


def _pause(ms):
    """A procedure that waits."""
    yield 0, ms


def _read_back(link, addresses, what):
    if what.settle_ms:
        wire.run(link, _pause(what.settle_ms))
    wanted = [registernames.register("last_error")]
    wanted += [one for one in (what.register, *what.show) if one.access & READ]
    for address in addresses[:-1]:
        try:
            return wire.run(link, asking.values(link.master, address, wanted))
        except NoAnswerError:
            continue
    return wire.run(link, asking.values(link.master, addresses[-1], wanted))


def report(found: dict, what: Order):
    """Print what has been done, and what the registers say now."""
    shown = [one for one in (what.register, *what.show) if one.name in found]
    words = ["%s is now %s" % (one.name, _value(found, one)) for one in shown]
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
    with busline.opened(args) as link:
        found = carry_out(link, args.address, address, what)
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
