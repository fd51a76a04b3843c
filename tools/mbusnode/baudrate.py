# SPDX-License-Identifier: MIT
"""`mbus baud`: change a meter's baud rate, and see that it talks there (CI B8h to BFh)."""

import time

from mbus.failures import MasterError
from mbus.timing import RATES
from mbusnode import busline, wire
from mbusnode.failure import Failure

_EXAMPLES = """\
examples:
  mbus baud 5 9600 --port /dev/ttyUSB0              the meter at 5, from 2400 baud to 9600
  mbus baud 12345678 300 --baud 9600 --port ...     by its identification number, from 9600
  mbus baud 255 2400 --port ...                     all meters: none of them answers

A meter at which nobody talks at its new rate goes back to the old one, most of them after 30 s.
"""

_BROADCAST = 255


def add_parser(subparsers, shared):
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "baud",
        help="change a meter's baud rate",
        description="Change a meter's baud rate, from that of --baud to RATE, and see that it "
        "answers there.",
        epilog=_EXAMPLES,
        formatter_class=shared.formatter,
    )
    parser.add_argument("address", metavar="ADDRESS", help=busline.ADDRESS_HELP + "; 255 is all")
    parser.add_argument("rate", metavar="RATE", type=int, choices=RATES)
    parser.add_argument(
        "--window",
        type=float,
        default=30,
        metavar="S",
        help="how long a meter stays at a rate at which nobody talks; default: %(default)s",
    )
    busline.add_arguments(parser)
    parser.set_defaults(run=run)


def run(args) -> int:
    """Change a baud rate, and say what happened."""
    everybody = args.address == str(_BROADCAST)
    address = _BROADCAST if everybody else busline.address(args.address)
    old, new = args.baud, args.rate
    with busline.opened(args) as link:
        busline.run(link, link.master.switch_baud(address, new))
        switched = time.monotonic()
        time.sleep(link.idle_ms / 1000)
        link.set_baud(new)
        if everybody:
            # Without a sound telegram at the new rate each of them would go back.
            busline.run(link, link.master.reset(_BROADCAST))
            print("all meters were told to talk at %d baud; nobody answers to that" % new)
            return 0
        if _answers(link, address):
            print("%s now talks at %d baud" % (args.address, new))
            return 0
        link.set_baud(old)
        time.sleep(max(0, switched + args.window - time.monotonic()))
        if _answers(link, address):
            raise Failure(
                "%s acknowledged %d baud but does not answer there: it still talks at %d baud "
                "(it cannot do %d, or finds the rate by itself)" % (args.address, new, old, new)
            )
    raise Failure(
        "%s acknowledged %d baud and answers neither there nor at %d baud: it may take longer "
        "than %g s to go back (--window), or stay at another rate"
        % (args.address, new, old, args.window)
    )


def _answers(link, address):
    """Whether a meter acknowledges SND_NKE, a secondary address being selected first."""
    master = link.master
    try:
        if not isinstance(address, int):
            wire.run(link, master.select(address))
            return True
        return bool(wire.run(link, master.reset(address)))
    except MasterError:
        return False
