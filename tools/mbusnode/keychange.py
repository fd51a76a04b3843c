# SPDX-License-Identifier: MIT
"""`mbus key`: what is known of a meter's key, and another one for it.

The new key is made here, kept in the key file beside the old one, and sent inside a command in
mode 7.  Whatever happens then, a lost acknowledgement, a power cut here or there, one of the
two works afterwards: the meter is asked which, at once or before the next command.
"""

import secrets

from mbus.failures import MasterError
from mbus.header import secondary_text
from mbus.security import BLOCK
from mbusnode import busline, counters, outcome, partner, registernames, writtenvalue
from mbusnode.failure import Failure

_RECORD = b"\x0d\xfd\x19\xf0"  # the key over the bus, write-only
_SHOWN = ("security_level", "key_version", partner.COUNTER, "security_failures")
_CAUSES = ("address", "form", "MAC", "counter", "decryption")

_EXAMPLES = """\
examples:
  mbus key 5 --port /dev/ttyUSB0           what is known of its key, on both sides
  mbus key 5 change --port /dev/ttyUSB0    another key, made at random

The key goes to the key file (see mbus read --help) and is printed nowhere.  If it is not known
which key the meter has, because the line or the power failed, both are kept there, and the next
command finds out which works.
"""


def add_parser(subparsers, shared):
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "key",
        help="show what is known of a meter's key, or change it",
        description="Show what is known of the key of our meter, or give it another one.",
        epilog=_EXAMPLES,
        formatter_class=shared.formatter,
    )
    parser.add_argument("address", metavar="ADDRESS", help=busline.ADDRESS_HELP)
    parser.add_argument("words", nargs="*", metavar="show|change", help="default: show")
    busline.add_arguments(parser)
    parser.set_defaults(run=run)


def run(args) -> int:
    """Show, or change."""
    address = busline.address(args.address)
    if args.words not in ([], ["show"], ["change"]):
        # Not repeated: a key may have been put in the wrong place.
        raise Failure("key: give ADDRESS [show | change]; a key is never given here", 2)
    with partner.opened(args, address) as one:
        if args.words == ["change"]:
            change(one, args.address)
            print("done: %s has another key, which stands in the key file" % args.address)
        else:
            _show(one, args.address)
    return 0


def _met(one, place):
    """Meet the meter, which must have a key here."""
    one.meet()
    if not one.seals:
        raise Failure(
            "the key file has no key for %s: the first one is set at the meter itself "
            "(mbus provision --help)" % place
        )


def change(one, place: str):
    """Give the meter of a Partner another key; Failure says which one it has."""
    _met(one, place)
    if one.meter.counters(one.key).sent < counters.LAST_ORDINARY and not one.prove():
        raise Failure("%s does not obey the key of the key file" % place)
    octets = secrets.token_bytes(BLOCK)
    told = one.told(_RECORD + octets, counters.LAST)
    one.begin_pending(octets)
    new = one.meter.entry.pending
    failed = None
    try:
        one.run(one.link.master.send(one.address, told.ci, told.data))
    except MasterError as e:
        failed = e
    try:
        wanted = [registernames.register(name) for name in ("last_error", partner.COUNTER)]
        found = one.values(one.address, wanted)
        if one.meter.entry.pending:
            one.find_key(outcome.number(found, partner.COUNTER))
    except MasterError as e:
        raise Failure(
            "%s: whether it has the new key is not known: %s; both keys stay in the key file, "
            "and the next command finds out which works" % (place, failed or e)
        ) from None
    if one.meter.entry.key is not new:
        why = outcome.refusal(outcome.number(found, "last_error") or 0) or failed
        raise Failure("%s keeps the key that it has: %s" % (place, why or "it does not say why"))


def _show(one, place):
    _met(one, place)
    entry, counted = one.meter.entry, one.meter.counters(one.key)
    print("meter: " + secondary_text(one.meter.address))
    print("key file: a key, level %d, commands in mode %d" % (entry.level, entry.commands))
    print("counter of the last command sent from here: %d" % counted.sent)
    highest = "none" if counted.highest is None else str(counted.highest)
    print("greatest counter of a read-out in mode 7: " + highest)
    registers = [registernames.register(name) for name in _SHOWN]
    found = one.values(one.address, registers)
    for register in registers:
        row = found.get(register.name)
        if row is None or not row.raw:
            continue
        text = writtenvalue.shown(register, row)
        if register.name == "security_failures":
            text = _failures(bytes.fromhex(row.raw))
        print("the meter's %s: %s" % (register.name.replace("_", " "), text))


def _failures(octets):
    """Counts of two octets each behind an LVAR."""
    counts = [octets[at] | octets[at + 1] << 8 for at in range(1, len(octets) - 1, 2)]
    return ", ".join("%s %d" % pair for pair in zip(_CAUSES, counts, strict=True))
