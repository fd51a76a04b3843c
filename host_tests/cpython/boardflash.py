# SPDX-License-Identifier: MIT
"""Builds of a few small files, and boards that they are put on."""

import time
from types import SimpleNamespace

import mpremote.transport_serial
import pytest
from boardrig import FORKING, Board

import boardfacts
from mbusnode import flashing, repl
from mbusnode.builds import Build

MAIN = (boardfacts.BOARDS / "main.py").read_bytes()
PROGRAM = b"""\
from .words import WORDS
def main(files):
    import time, machine
    with open(files[0]) as file:
        print("alive", WORDS, file.read(), "\\n", end="")
    wdt = machine.WDT(timeout=8000)
    try:
        while True:
            wdt.feed()
            time.sleep(0.05)
    except KeyboardInterrupt:
        return 0
"""


def firmware(words, more=None, settings=b"first", main=MAIN):
    """A build whose firmware says that it is this version."""
    files = {
        "node/__init__.py": b"",
        "node/boot.py": PROGRAM,
        "node/words.py": b"WORDS = %r\n" % words,
        "mbus/deep/table.py": b"# the same in each version\n" * 200,
        **(more or {}),
    }
    root = {"main.py": main, "meter.conf": settings}
    return Build("pico", "module", "RPI_PICO", files, root, "meter.conf")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """mpremote looks for an answer more often than each 10 ms, and opens no port while we fork."""
    quick = SimpleNamespace(**{n: getattr(time, n) for n in ("monotonic", "time")})
    quick.sleep = lambda s: time.sleep(s / 20)
    monkeypatch.setattr(mpremote.transport_serial, "time", quick)
    monkeypatch.setattr(repl, "_PAUSE_S", 0.03)
    opened = repl._opened

    def alone(port):
        with FORKING:
            return opened(port)

    monkeypatch.setattr(repl, "_opened", alone)


@pytest.fixture
def board(tmp_path):
    with Board(tmp_path / "flash") as board:
        yield board


def put(board, build, **more):
    """Flash; (the line of the program, what was told)."""
    told = []
    device = repl.Device(board.port)
    try:
        return flashing.flash(device, build, tell=told.append, alive_s=3, **more), told
    finally:
        device.close()


_GREETING = "MicroPython v", "Type "


def starts(board):
    """What a board says that is switched off and on."""
    device = repl.Device(board.port)
    try:
        board.restart()
        return heard(device)
    finally:
        device.close()


def heard(device):
    """What the program says first, behind what a prompt may have left."""
    line = _GREETING[0]
    while line.startswith(_GREETING):
        octets = device._console.read_until(1, b"\n", timeout=3)
        line = octets.decode().strip(">\r\n \1\4")
    return line


def contents(board):
    """{path: octets} of its flash."""
    paths = [p for p in board.folder.rglob("*") if p.is_file()]
    return {p.relative_to(board.folder).as_posix(): p.read_bytes() for p in paths}
