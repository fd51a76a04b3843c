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


@cache
def edges() -> dict:
    """Which file imports which, read once."""
    return graph()


def role_files(board: str, role: str) -> dict:
    """{dotted name: path} of the firmware; board.py aside."""
    names = loaded([ROLES[role][0] + ".boot", "port." + load(board).PORT], edges())
    files = firmware_files()
    return {name: files[name] for name in names}
