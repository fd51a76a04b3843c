# SPDX-License-Identifier: MIT
"""A board for tests: MicroPython on a PC that behaves at stdin and stdout as one does at USB.

    micropython rawrepl.py IMAGE VERSION MACHINE MPY BLOCKS CUT BOOT

in the folder that is its flash.  It runs main.py, then the REPL: friendly, raw, raw paste.
BLOCKS is the size of the flash in blocks of 4 kB, CUT after how many changes of the flash the
power fails, 0 for never.  BOOT is `power` or `soft`, or `raw` for the soft reset of the raw
REPL, which does not run main.py.  On standard error it tells what only a chip can do: `wdt MS`,
`reset`, `soft`, `raw`, `cut`; the other end starts it anew.
"""

import builtins
import os
import sys
import time

import micropython
from rawwaits import Select, Time, Typed

IMAGE, VERSION, MACHINE, MPY, BLOCKS, CUT, BOOT = sys.argv[1:]
BLOCK = 4096
WINDOW = 128
ENOSPC = 28
BANNER = 'MicroPython v%s on 2026-04-06; %s\nType "help()" for more information.\n>>> '

del sys.path[:]
sys.path.extend(["", ".frozen"])
real_import, real_open, system, files = __import__, open, sys, os


def tell(words):
    """Say to whoever holds this board, and be started anew where that is meant."""
    system.stderr.write(words + "\n")


def ended(words):
    """As tell(), and wait for the end."""
    tell(words)
    while True:
        time.sleep(1)


class Cut:
    left = int(CUT)

    @classmethod
    def step(cls):
        """A change of the flash begins."""
        if cls.left:
            cls.left -= 1
            if not cls.left:
                ended("cut")


def used(folder="."):
    """Blocks of the flash that are in use."""
    total = 0
    for entry in files.ilistdir(folder):
        path = folder + "/" + entry[0]
        if entry[1] == 0x4000:
            total += 2 + used(path)
        else:
            total += -(-max(files.stat(path)[6], 1) // BLOCK)
    return total


class File:
    """A file that is written: what is cut in the middle is half there."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, octets):
        if used() + len(octets) // BLOCK >= int(BLOCKS):
            raise OSError(ENOSPC)
        half = len(octets) // 2
        self.file.write(octets[:half])
        Cut.step()
        self.file.write(octets[half:])
        return len(octets)

    def close(self):
        self.file.close()


def opened(path, mode="r", *more):
    """open() of this board."""
    if "w" in mode or "a" in mode:
        Cut.step()
        return File(real_open(path, mode))
    return real_open(path, mode, *more)


class Files:
    """os of this board."""

    def __getattr__(self, name):
        function = getattr(files, name)
        if name in ("rename", "remove", "rmdir", "mkdir"):

            def changed(*arguments):
                Cut.step()
                function(*arguments)

            return changed
        return function

    def statvfs(self, _path):
        return BLOCK, BLOCK, int(BLOCKS), max(0, int(BLOCKS) - used()), 0, 0, 0, 0, 0, 255

    def sync(self):
        Cut.step()


class Implementation:
    name = "micropython"
    version = tuple([int(part) for part in VERSION.split(".")] + [""])
    _machine, _mpy, _build = MACHINE, int(MPY), IMAGE


class System:
    """sys of this board."""

    implementation = Implementation

    def __getattr__(self, name):
        return getattr(system, name)


class WDT:
    def __init__(self, id=0, timeout=5000):
        self.timeout = timeout
        self.feed()

    def feed(self):
        tell("wdt %d" % self.timeout)


class Micropython:
    """micropython of this board."""

    def __getattr__(self, name):
        return getattr(micropython, name)

    def kbd_intr(self, char):
        Typed.interrupt = char


class Machine:
    WDT = WDT

    @staticmethod
    def reset():
        ended("reset")


NAMES = {
    "os": Files(),
    "sys": System(),
    "machine": Machine,
    "time": Time(),
    "select": Select,
    "micropython": Micropython(),
}


def imported(name, *more):
    """import of this board."""
    return NAMES.get(name) or real_import(name, *more)


builtins.__import__ = imported
builtins.open = opened


def put(octets):
    if isinstance(octets, str):
        octets = octets.encode()
    system.stdout.buffer.write(octets)


def get():
    """The next octet that is typed."""
    if Typed.waiting:
        octet, Typed.waiting = Typed.waiting[:1], Typed.waiting[1:]
        return octet
    return Typed.take(-1)


def execute(code, names):
    """What the code raised, None for nothing."""
    try:
        exec(compile(code, "<stdin>", "exec"), names)
    except SystemExit:
        ended("soft")
    except BaseException as e:
        return e
    return None


def raw_paste():
    put(b"R\x01" + bytes((WINDOW, 0, 1)))
    code = b""
    while (octet := get()) != b"\x04":
        code += octet
        if len(code) % WINDOW == 0:
            put(b"\x01")
    put(b"\x04")
    return code


class Mode:
    """Where in the REPL it is, which Ctrl-C does not change."""

    raw = BOOT == "raw"


def raw_repl(names):
    """Until Ctrl-B."""
    code = b""
    while (octet := get()) != b"\x02":
        if octet == b"\x01":
            put("raw REPL; CTRL-B to exit\n>")
            code = b""
        elif octet == b"\x03":
            code = b""
        elif octet == b"\x05":
            get(), get()
            finish(raw_paste(), names)
        elif octet == b"\x04":
            if not code.strip():
                ended("raw")
            put(b"OK")
            finish(code, names)
            code = b""
        else:
            code += octet
    Mode.raw = False


def finish(code, names):
    error = execute(code, names)
    put(b"\x04")
    if error:
        put("Traceback (most recent call last):\n%s: %s\n" % (type(error).__name__, error))
    put(b"\x04>")


def repl(names):
    put(BANNER % (VERSION, MACHINE))
    while (octet := get()) != b"\x01":
        if octet == b"\x04":
            ended("soft")
        if octet in b"\r\x03":
            put("\n>>> ")
    put("raw REPL; CTRL-B to exit\n>")
    Mode.raw = True


def serve(names):
    """The REPL, for ever."""
    if Mode.raw:
        put("raw REPL; CTRL-B to exit\n>")
    while True:
        (raw_repl if Mode.raw else repl)(names)


def start(names):
    """What the chip does first: main.py, if there is one."""
    if BOOT != "power":
        put("MPY: soft reboot\n")
    if BOOT == "raw" or "main.py" not in files.listdir():
        return
    with real_open("main.py") as main:
        text = main.read()
    error = execute(text, names)
    if error:
        system.print_exception(error)


board = {"__name__": "__main__"}
start(board)
serve(board)
