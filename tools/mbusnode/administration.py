# SPDX-License-Identifier: MIT
"""`mbus address`, `mbus reset` and `mbus raw`: commands to one meter."""

import sys

from mbus import frame
from mbus.failures import AnswerError
from mbusnode import busline, decoding, outcome, partner
from mbusnode.failure import Failure

_ADDRESS_EXAMPLES = """\
examples:
  mbus address 0 5 --port /dev/ttyUSB0           the new meter gets address 5
  mbus address 12345678 5 --port /dev/ttyUSB0    by its identification number
"""

_RESET_EXAMPLES = """\
examples:
  mbus reset 5 --port /dev/ttyUSB0                     link reset (SND_NKE)
  mbus reset 5 --application --port /dev/ttyUSB0       application reset (CI 50)
  mbus reset 5 --application 50 --port /dev/ttyUSB0    application select, sub-code 50h
"""

_RAW_EXAMPLES = """\
examples:
  mbus raw 10400141 16 --port /dev/ttyUSB0
  mbus raw "68 03 03 68 53 FE 50 A1 16" --port /dev/ttyUSB0 --trace
"""


def add_parsers(subparsers, shared):
    """Add the three commands' arguments."""
    parser = subparsers.add_parser(
        "address",
        help="give a meter a primary address",
        description="Give a meter a primary address, and see that it answers there.",
        epilog=_ADDRESS_EXAMPLES,
        formatter_class=shared.formatter,
    )
    parser.add_argument("old", metavar="OLD", help=busline.ADDRESS_HELP)
    parser.add_argument("new", metavar="NEW", type=int, help="0 to 250")
    busline.add_arguments(parser)
    parser.set_defaults(run=run_address)
    _add_reset(subparsers, shared)
    _add_raw(subparsers, shared)


def _add_reset(subparsers, shared):
    parser = subparsers.add_parser(
        "reset",
        help="reset a meter's link or application",
        description="Reset the link (SND_NKE), or with --application the application layer.",
        epilog=_RESET_EXAMPLES,
        formatter_class=shared.formatter,
    )
    parser.add_argument("address", metavar="ADDRESS", help=busline.ADDRESS_HELP)
    parser.add_argument(
        "--application",
        nargs="?",
        const="",
        metavar="SUB",
        help="application reset; with a sub-code (hexadecimal) application select",
    )
    busline.add_arguments(parser)
    parser.set_defaults(run=run_reset)


def _add_raw(subparsers, shared):
    parser = subparsers.add_parser(
        "raw",
        help="send octets as they are",
        description="Send octets as they are, once, and show the answer.",
        epilog=_RAW_EXAMPLES,
        formatter_class=shared.formatter,
    )
    parser.add_argument("hex", nargs="+", metavar="HEX", help="1 to 261 octets")
    busline.add_arguments(parser)
    parser.set_defaults(run=run_raw)


def run_address(args) -> int:
    """Set a primary address."""
    old = busline.address(args.old)
    if not 0 <= args.new <= 250:
        raise Failure("NEW %d: a primary address is 0 to 250" % args.new, 2)
    with partner.opened(args, old) as one:
        one.meet()
        told = one.told(bytes((0x01, 0x7A, args.new)))
        try:
            one.run(one.link.master.set_address(old, args.new, told.ci, told.data))
        except AnswerError as e:
            # Of others than ours nobody knows a register with the reason.
            why = outcome.last_refusal(one) if one.seals else ""
            raise Failure(
                (why and "%s refused the address: %s" % (args.old, why)) or str(e)
            ) from None
    print("%s now answers at address %d" % (args.old, args.new))
    return 0


def run_reset(args) -> int:
    """Reset a link, or an application."""
    address = busline.address(args.address)
    sub = None
    if args.application:
        try:
            sub = int(args.application, 16)
        except ValueError:
            sub = -1
        if not 0 <= sub <= 255:
            raise Failure("--application %s: a sub-code is 00 to FF" % args.application, 2)
    with busline.opened(args) as link:
        if args.application is not None:
            busline.run(link, link.master.application_reset(address, sub))
            print("%s: application reset acknowledged" % args.address)
        elif busline.run(link, link.master.reset(address)):
            print("%s: link reset acknowledged" % args.address)
        else:
            raise Failure(
                "no answer from %s to the link reset: check the address, the baud rate, the "
                "wiring (some meters never acknowledge one)" % args.address
            )
    return 0


def run_raw(args) -> int:
    """Send octets and print what comes back."""
    octets = decoding.octets("".join(args.hex))
    if not 1 <= len(octets) <= frame.MAX_FRAME:
        raise Failure("HEX: %d octets; 1 to %d can be sent" % (len(octets), frame.MAX_FRAME), 2)
    received = bytearray()
    with busline.opened(args) as link:
        shown = link.trace

        def collect(direction, octets, now):
            if shown:
                shown(direction, octets, now)
            if direction == "<":
                received.extend(octets)

        link.trace = collect
        reply = busline.run(link, link.master.raw(octets))
    if reply is None:
        raise Failure("no answer")
    print(received.hex(" ").upper())
    if reply is False:
        print("mbus: that is no sound frame", file=sys.stderr)
        return 1
    return 0
