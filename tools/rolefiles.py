# SPDX-License-Identifier: MIT
"""Which files of the firmware a role needs on a board: what it imports, and the board's port."""

from functools import cache

from boardfacts import load
from importgraph import firmware_files, graph, loaded

# What main.py loads, and the settings that it hands over.
ROLES = {
    "module": ("node", "meter.conf"),
    "emulator": ("node", "meter.conf"),
    "reader": ("reader", "reader.conf"),
}

# Files of which dist.py puts only what they come to on a device.
MADE = ("node.registerpack",)


@cache
def edges() -> dict:
    """Which file on a device imports which, read once."""
    return {name: set() if name in MADE else inner for name, inner in graph().items()}


@cache
def device_files() -> list:
    """The names of all files that a device in any role may have."""
    ports = [name for name in edges() if name.startswith("port.")]
    return loaded([package + ".boot" for package, _ in ROLES.values()] + ports, edges())


def role_files(board: str, role: str, imports=None) -> dict:
    """{dotted name: path} of the firmware; board.py aside.

    imports is graph() where a device gets all of the source, as in a frozen build.
    """
    roots = [ROLES[role][0] + ".boot", "port." + load(board).PORT]
    names = loaded(roots, imports or edges())
    files = firmware_files()
    return {name: files[name] for name in names}
