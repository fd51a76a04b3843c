# SPDX-License-Identifier: MIT
"""What commands share that speak with our program's own device, at its USB or serial port."""

import contextlib

from mbusnode import repl
from mbusnode.failure import Failure
from mbusnode.flashing import ALIVE_S, running
from node import ConfigError
from node.configfile import settings_of

SETTINGS, UNIT, HARDENED = "meter.conf", "unit.conf", "hardened"
_ALIVE = ("alive ",)

# What the program left in memory is used where it is; else it is loaded anew.
_STORE = """\
from port.files import Slots
from node.store import Store
_o=Slots(%r,True)
"""


def add_port(parser):
    """Add the one argument that all have."""
    parser.add_argument("--port", metavar="PORT", required=True, help="/dev/ttyACM0, COM3, ...")


@contextlib.contextmanager
def opened(port: str):
    """The repl.Device at a port, what runs there stopped; .said is what it said at its end."""
    device = repl.Device(port)
    try:
        device.said = device.stop()
        yield device
    except repl.RemoteError as e:
        raise Failure("%s: the board says: %s" % (port, e)) from None
    finally:
        device.close()


def use_program(device):
    """Make the firmware of the device importable, and _o the slots of its store; its folder."""
    folder = running(device)
    device.run("if sys.path[0]!=%r:sys.path.insert(0,%r)" % (folder, folder))
    if not device.exists(folder) or not device.exists(SETTINGS):
        raise Failure("there is no module of ours on this board: mbus flash --help", 2)
    device.run("import board")
    given = {**device.value("board.CONFIG"), **settings(device, SETTINGS)}
    device.run(_STORE % given["state"])
    return folder


def settings(device, name: str) -> dict:
    """The settings in a file of the device; none where it is missing or damaged."""
    if not device.exists(name):
        return {}
    try:
        return settings_of(device.read(name))
    except ConfigError:
        return {}


def begin(device) -> str:
    """Start the program again; the line with which it says that it is alive."""
    line, said = device.restart(_ALIVE, ALIVE_S)
    if line is None:
        tail = "\n  ".join(said.strip().splitlines()[-8:])
        raise Failure("the module did not say that it is alive; it said:\n  " + tail)
    return line


def address_of(line: str) -> str:
    """The 16 digits of the secondary address in that line."""
    return line.split()[1]
