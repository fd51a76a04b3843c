# SPDX-License-Identifier: MIT
"""What all commands on a bus share: their arguments, the line, its trace, addresses."""

import os
import sys
import time
from contextlib import contextmanager

from mbus.exchange import MasterLink
from mbus.failures import MasterError
from mbus.header import secondary_octets
from mbus.master import Master
from mbusnode import wire
from mbusnode.failure import Failure
from port import cpython

BAUDS = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400)

# What the way to the bus adds to its own times: USB converters up to 100 ms, networks more.
_LATENCY_MS = 100
_LATENCY_NETWORK_MS = 500
_LATENCY_LOCAL_MS = 30

ADDRESS_HELP = (
    "a primary address 0 to 254, an identification number of 8 digits, or a secondary address "
    "of 16 digits such as 123456780D170102; F is a wildcard in both"
)


def add_arguments(parser):
    """Add what says where the bus is and how to talk on it."""
    group = parser.add_argument_group("the bus")
    group.add_argument(
        "--port",
        metavar="URL",
        default=os.environ.get("MBUS_PORT"),
        help="a serial port (/dev/ttyUSB0, COM3), a pty, socket://HOST:PORT; default: $MBUS_PORT",
    )
    group.add_argument(
        "--baud", type=int, choices=BAUDS, default=2400, metavar="N", help="default: %(default)s"
    )
    group.add_argument(
        "--echo",
        choices=("auto", "on", "off"),
        default="auto",
        help="whether the converter echoes what is sent; default: find out",
    )
    group.add_argument(
        "--tries",
        type=int,
        default=3,
        metavar="N",
        help="sendings of a telegram; default: 3",
    )
    group.add_argument(
        "--latency",
        type=int,
        metavar="MS",
        help="time to add to the reply window for the way to the bus; "
        "default: 100 (a network: 500, this machine: 30)",
    )
    group.add_argument(
        "--trace", action="store_true", help="show all octets with their times, on standard error"
    )


@contextmanager
def opened(args):
    """The MasterLink that args name; closed at the end."""
    if not args.port:
        raise Failure("which bus? give --port /dev/ttyUSB0, or set MBUS_PORT", 2)
    if args.tries < 1:
        raise Failure("--tries %d: at least 1 is needed" % args.tries, 2)
    try:
        stream = cpython.open(args.port, args.baud)
    except cpython.PortError as e:
        raise Failure(str(e)) from None
    latency = _latency_ms(args.port) if args.latency is None else args.latency
    link = MasterLink(stream, Master(args.tries), args.baud, args.echo, latency)
    trace = Trace() if args.trace else None
    link.trace = trace
    try:
        yield link
    except cpython.PortError as e:
        raise Failure(str(e)) from None
    finally:
        if trace:
            trace.close()
        stream.close()


def _latency_ms(url):
    if url.startswith(("socket://", "rfc2217://")):
        host = url.split("://", 1)[1].rsplit(":", 1)[0]
        local = host in ("localhost", "127.0.0.1", "[::1]")
        return _LATENCY_LOCAL_MS if local else _LATENCY_NETWORK_MS
    pty = os.path.realpath(url).startswith("/dev/pts/")
    return _LATENCY_LOCAL_MS if pty else _LATENCY_MS


@contextmanager
def plainly():
    """Whatever a procedure fails with is a Failure with its words."""
    try:
        yield
    except MasterError as e:
        raise Failure(str(e)) from None


def run(link, procedure):
    """Run a procedure to its end; its result, or a Failure with the words of its error."""
    with plainly():
        return wire.run(link, procedure)


class Trace:
    """Prints the octets of the line on standard error; call close() at the end.

    What one side sends without a pause stands on one line, with the time of its first octet.
    """

    _PAUSE_S = 0.1

    def __init__(self):
        self._start = self._last = time.monotonic()
        self._began = 0.0
        self._direction = None
        self._octets = bytearray()

    def __call__(self, direction, octets, _now):
        now = time.monotonic()
        if direction != self._direction or now - self._last > self._PAUSE_S:
            self.close()
            self._began = now - self._start
        self._direction = direction
        self._octets += octets
        self._last = now

    def close(self):
        """Print what has been held back."""
        if self._octets:
            octets = self._octets.hex(" ").upper()
            print("%9.3f %s %s" % (self._began, self._direction, octets), file=sys.stderr)
            self._octets.clear()


def address(text: str):
    """A primary address as int, or the 8 octets of a secondary one; Failure for anything else."""
    if text.isdigit() and len(text) <= 3:
        if int(text) <= 254:
            return int(text)
        raise Failure("address %s: a primary address is 0 to 254" % text, 2)
    if len(text) > 16:  # not repeated: a key may have been put in the wrong place
        raise Failure("an address of %d digits: it has 16 at most" % len(text), 2)
    if len(text) == 8:
        text += "FFFFFFFF"
    try:
        return secondary_octets(text.upper())
    except ValueError as e:
        raise Failure("address %s: %s" % (text, e), 2) from None
