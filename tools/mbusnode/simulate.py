# SPDX-License-Identifier: MIT
"""`mbus simulate`: the firmware's module as any number of meters on a virtual bus.

The stations, the link and the meter are the firmware's own; only the interpreter differs.
"""

import argparse
import os
import random
import signal
import sys

from mbus import autobaud
from mbusnode import keys
from mbusnode.bus import COLLISION, MASTER, Bus
from mbusnode.bus_server import BusServer, clock_us
from mbusnode.configuring import load, made
from mbusnode.failure import Failure
from node import assembly, keyring
from node.store import Store, StoreError
from port.cpython import ticks_ms, utc_s
from port.files import Slots

_EXAMPLES = """\
examples:
  mbus simulate --pty /tmp/meters                    one meter; read it with
      mbus read 1 --port /tmp/meters
  mbus simulate --tcp 127.0.0.1:10001 --meters 3     three meters; scan them with
      mbus scan --secondary --port socket://127.0.0.1:10001
  mbus simulate --pty /tmp/meters --config meters.toml

A configuration file is TOML.  It holds settings for all meters, then a [[meter]] table for
each; `mbus config --help` lists the settings, boards/desk/examples/ has a file for each
variant.  Of bus, state and echo the command line decides here.
  telegrams = 3
  [[meter]]
  primary = 5
  identification = "12345678"
  manufacturer = "EXM"
  [[meter]]
  primary = 6
  baud = 300

A key file, as `mbus read --help` describes it, gives each meter of it the key and the security
level that stand there, when the meter starts for the first time.
"""

_BAUD_HELP = "where the file says no other, and of a master by TCP; default: 2400"
_RETRY_US = 10_000_000  # what could not be stored waits so long

# These count on from meter to meter.
_COUNTED = ("primary", "identification", "serial")
# Settings that are options too: key, what it takes, help.
_OPTIONS = (
    ("primary", "N", "of the first meter, the next has N+1"),
    ("identification", "DIGITS", "likewise"),
    ("serial", "DIGITS", "likewise"),
    ("manufacturer", "ABC", None),
    ("version", "N", None),
    ("type", "N", "device type; 2 is electricity"),
    ("telegrams", "2|3", "telegrams of a readout"),
    ("profile", "NAME", "standard, or legacy codes"),
    ("source", "NAME", "of the values: load_profile, pulse1, pulse2, none; default: host, fixed"),
    ("phases", "1|3", None),
)
_SETTINGS = (*(key for key, _, _ in _OPTIONS), "ct", "strict", "ack_reset_253")
# What a simulated meter is, rather than a new module, where nothing else is said.
_DEFAULTS = {"source": "host"}


def add_parser(subparsers, shared):
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "simulate",
        help="be meters on a virtual bus",
        description="Be one or more meters on a virtual bus, until Ctrl-C. Prints a line "
        "`ready LINK` or `ready HOST:PORT` when a master can begin.",
        epilog=_EXAMPLES,
        formatter_class=shared.formatter,
    )
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--pty", metavar="LINK", help="make a pty and a symbolic link to it")
    way.add_argument("--tcp", metavar="HOST:PORT", help="listen; port 0 chooses a free one")
    parser.add_argument("--meters", type=int, metavar="N", help="default: 1, or as configured")
    parser.add_argument("--baud", type=int, default=2400, metavar="N", help=_BAUD_HELP)
    parser.add_argument("--config", metavar="FILE", help="settings in TOML, see below")
    parser.add_argument("--keys", metavar="FILE", help="a key file, for meters with keys")
    parser.add_argument("--state", metavar="DIR", help="keep what masters change here")
    for key, metavar, words in _OPTIONS:
        parser.add_argument("--" + key, metavar=metavar, help=words)
    parser.add_argument("--ct", action="store_const", const=True, help="energy in 48 bits")
    parser.add_argument(
        "--strict", action="store_const", const=True, help="the bare FCB test for repetitions"
    )
    parser.add_argument(
        "--ack-reset-253",
        action="store_const",
        const=True,
        help="acknowledge SND_NKE to 253 though not selected",
    )
    parser.add_argument("--echo", action="store_true", help="the master hears its own octets")
    parser.add_argument("--trace", action="store_true", help="show all octets on standard error")
    parser.add_argument("--log", metavar="FILE", help="write all octets with their times")
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(args) -> int:
    """Simulate until Ctrl-C or SIGTERM."""
    configs = configs_of(args)
    given = keys.handed_over(args.keys) if args.keys else {}
    if given:
        os.umask(0o077)  # what a meter stores holds its key
    bus = Bus(args.baud, echo=args.echo)
    with _Log(args.trace, args.log) as log:
        if log.wanted:
            bus.trace = log
        server = BusServer(bus)
        try:
            where = _listen(server, args)
            start = random.Random(args.seed)
            for config in configs:
                join(server, config, args.state, start.randrange(256), key_of(config, given))
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: server.stop())
            print("ready " + where, flush=True)
            server.run()
        finally:
            server.close()
    return 0


def _listen(server, args):
    if args.pty:
        server.master_pty(args.pty)
        return args.pty
    host, _, port = args.tcp.rpartition(":")
    if not host or not port.isdigit():
        raise Failure("--tcp %s: give HOST:PORT, such as 127.0.0.1:10001" % args.tcp, 2)
    return "%s:%d" % (host, server.master_tcp(host, int(port)))


def key_of(config, given):
    """What a key file hands over to this meter: (key, level), or None."""
    number = bytes(config.identification)
    return given.get(number) or given.get(number[:4])


def join(server, config, state, access, key=None):
    """Put one meter on the bus; key is what key_of() found for it."""
    try:
        slots = Slots(os.path.join(state, "meter-%d" % config.meter)) if state else Memory()
    except OSError as e:
        raise Failure("--state %s cannot be used: %s" % (state, e.strerror), 2) from None
    try:
        if key:
            _provide(slots, *key)
        module = assembly.assemble(config, slots, ticks_ms(), access, utc_s())
    except StoreError as e:
        raise Failure("--state %s: meter %d: %s" % (state, config.meter, e), 1) from None
    if module.failure:
        print("mbus: meter %d: %s" % (config.meter, module.failure), file=sys.stderr)

    def make_link(stream):
        return assembly.join(stream, config, module)

    feeds = () if config.baud else autobaud.RATES
    rate = module.baud if config.baud else 0
    server.slave_local(make_link, Keeper(module, config.meter).look, rate, feeds)


def _provide(slots, octets, level):
    """Give a meter its first key; it keeps the one that it has."""
    ring = keyring.Keyring(Store(slots.load, slots.save))
    if not ring.version:
        ring.provision(octets, level)


class Keeper:
    """Lets a meter go on and stores it; a disk that is full is tried again after a while."""

    def __init__(self, module, meter):
        self._module = module
        self._meter = meter
        self._not_before_us = 0

    def look(self):
        """To be called when the line is quiet."""
        now = ticks_ms()
        self._module.tick(now)
        if self._module.due(now) and clock_us() >= self._not_before_us:
            try:
                self._module.persist(now)
            except OSError as e:
                self._not_before_us = clock_us() + _RETRY_US
                print("mbus: meter %d cannot store: %s" % (self._meter, e), file=sys.stderr)


class Memory:
    """Slots that last as long as the process."""

    def __init__(self):
        self._slots = {}

    def load(self, slot):
        """The octets of the slot, or None."""
        return self._slots.get(slot)

    def save(self, slot, octets):
        """Replace the slot."""
        self._slots[slot] = bytes(octets)


def configs_of(args):
    """The Config of each meter: defaults, then the file, then the command line."""
    shared, tables = load(args.config, "--config ") if args.config else ({}, [])
    count = args.meters if args.meters is not None else max(1, len(tables))
    if count < 1:
        raise Failure("--meters %d: at least one is needed" % count, 2)
    given = {key: getattr(args, key) for key in _SETTINGS if getattr(args, key) is not None}
    configs = []
    for k in range(1, count + 1):
        own = {**shared, **(tables[k - 1] if k <= len(tables) else {})}
        if args.config:
            # By itself first, so that the message tells whose fault it is.
            made("--config %s: meter %d: " % (args.config, k), {**_DEFAULTS, **own})
        own = {"primary": k, "baud": args.baud, **_DEFAULTS, **own, "meter": k, "echo": "off"}
        for key, value in given.items():
            own[key] = _counted(key, value, k) if key in _COUNTED else value
        configs.append(made("meter %d: " % k, own))
    return configs


def _counted(key, text, k):
    if not text.isdigit():
        return text  # Config says what is allowed
    return str(int(text) + k - 1).zfill(1 if key == "primary" else len(text))


class _Log:
    """Writes who sent what when: M is the master, S1 the first slave, * what got through."""

    def __init__(self, to_stderr, path):
        self.wanted = bool(to_stderr or path)
        self._stderr = to_stderr
        self._path = path
        self._file = None
        self._start_us = clock_us()

    def __enter__(self):
        if self._path:
            try:
                self._file = open(self._path, "w", encoding="utf-8")
            except OSError as e:
                words = "--log %s cannot be written: %s" % (self._path, e.strerror)
                raise Failure(words, 2) from None
        return self

    def __exit__(self, *_):
        if self._file:
            self._file.close()

    def __call__(self, now_us, key, octets):
        who = {MASTER: "M", COLLISION: "*"}.get(key) or "S%d" % key
        seconds = (now_us - self._start_us) / 1e6
        line = "%9.3f %-3s %s" % (seconds, who, octets.hex(" ").upper())
        if self._stderr:
            print(line, file=sys.stderr, flush=True)
        if self._file:
            print(line, file=self._file, flush=True)
