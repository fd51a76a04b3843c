# SPDX-License-Identifier: MIT
"""Run the command `mbus` in this process, and a bus of three meters for it."""

import threading
from contextlib import contextmanager

from mbusnode import cli, keys
from mbusnode.bus import Bus
from mbusnode.bus_server import BusServer
from mbusnode.simulate import configs_of, join, key_of


def run(capsys, *arguments):
    """(exit code, standard output, standard error) of one command."""
    try:
        code = cli.main(list(arguments))
    except SystemExit as e:
        code = e.code
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@contextmanager
def served(server):
    """The port of a BusServer that runs meanwhile, as a URL."""
    port = server.master_tcp("127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield "socket://127.0.0.1:%d" % port
    finally:
        server.stop()
        thread.join()
        server.close()


@contextmanager
def bus_of(*options):
    """A virtual bus at 9600 baud with the meters of these options; gives its port as a URL."""
    args = cli.build_parser().parse_args(
        ["simulate", "--tcp", "127.0.0.1:0", "--baud", "9600", *options]
    )
    given = keys.handed_over(args.keys) if args.keys else {}
    server = BusServer(Bus(9600))
    for config in configs_of(args):
        join(server, config, args.state, 7 * config.meter, key_of(config, given))
    with served(server) as port:
        yield port


def three_meters():
    """The same with three meters."""
    return bus_of("--meters", "3")
