# SPDX-License-Identifier: MIT
"""What `mbus flash`, `provision` and `diag` do to an emulated Pico, at its USB.

The chip starts with MicroPython and nothing else.  Its console is joined to a pty, where the
commands find it; emulated time never runs faster than the host's, for the chip's watchdog
watches the host.
"""

import contextlib
import io
import os
import pty
import random
import select
import tempfile
import threading
import time
import tty
from pathlib import Path

import boardfacts
import dist
from mbus.header import secondary_octets
from mbusnode import builds, cli, flashing, hardening, keys, onboard, repl
from mbusnode.failure import Failure

from .board import Pico, flash_of
from .device import BOARD
from .measure import Checks

_SLICE_US = 1000
_BOOT_US = 60e6
_ALIVE_S = 1800  # a second of the chip takes twenty of ours
UNIT = ("--serial", "10000017", "--manufacturer", "ABC", "--version", "7")
ADDRESS = "1000001743040702"


def _patient():
    """The commands wait as long as an emulated chip takes."""
    repl._ANSWER_S, repl._STOP_S, repl._PAUSE_S = 300, 30, 3
    flashing.ALIVE_S = onboard.ALIVE_S = _ALIVE_S
    hardening.QUIET_S = 30


class Plugged:
    """A Pico at a pty: port; run(function) drives the chip until the function has returned."""

    def __init__(self, pico):
        self.pico = pico
        self._line, slave = pty.openpty()
        tty.setraw(slave)
        self._slave = slave  # kept open: a pty that nobody has open ends
        self.port = os.ttyname(slave)
        self._at = len(pico.console.output)

    def pull(self):
        """The cable is out."""
        os.close(self._line)
        os.close(self._slave)

    def run(self, function, until=lambda: False):
        """(what the function returned, or the Failure that it raised), None where until() was."""
        result = []

        def work():
            try:
                result.append(function())
            except Failure as e:
                result.append(e)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        wall, us = time.monotonic(), self.pico.now_us
        while thread.is_alive():
            self._step()
            if until():
                return None
            ahead = (self.pico.now_us - us) / 1e6 - (time.monotonic() - wall)
            if ahead > 0:
                select.select([self._line], [], [], ahead)
            else:
                wall, us = time.monotonic(), self.pico.now_us
        thread.join()
        return result[0]

    def _step(self):
        console = self.pico.console
        if select.select([self._line], [], [], 0)[0]:
            console.type(os.read(self._line, 4096))
        self.pico.run_us(_SLICE_US)
        if len(console.output) > self._at:
            os.write(self._line, console.output[self._at :])
            self._at = len(console.output)


def _started(flash):
    """A Pico with this flash that the host has found at USB."""
    pico = Pico(flash).boot()
    pico.run_until(lambda: pico.console.connected, _BOOT_US)
    return pico


def _files(pico) -> dict:
    """{path: octets} of its file system."""
    facts = boardfacts.FACTS[BOARD]
    end = facts.offset + facts.blocks * boardfacts.BLOCK
    return dist.read_back(pico.rp2040.flash[facts.offset : end], facts)


def _command(*arguments):
    """A command line as a function: (exit code, what it printed)."""

    def run():
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = cli.main(arguments)
        return code, out.getvalue()

    return run


def _flash(plugged, build):
    told = []

    def run():
        device = repl.Device(plugged.port)
        try:
            return flashing.flash(device, build, tell=told.append, alive_s=_ALIVE_S), told
        finally:
            device.close()

    return run


def _built(folder):
    """What make dist makes, in a folder that is there for the time of a job."""
    dist.build(BOARD, "module", Path(folder))
    return builds.load(Path(folder), BOARD)


def commands(uf2) -> dict:
    """A board with MicroPython and nothing else: all that is done with it, one behind the other.

    It is flashed, provisioned with a key and looked at, updated with the power failing meanwhile,
    updated whole, and hardened.
    """
    _patient()
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        build = _built(folder)
        os.environ["MBUS_KEYS"] = str(Path(folder) / "keys.toml")
        plugged = Plugged(_started(flash_of(uf2)))
        flash_s = _flashed(checks, plugged, build, "a")
        _provision(checks, plugged)
    unit = _files(plugged.pico)["unit.conf"]
    more = random.Random(1).randbytes(9000)
    other = build._replace(files={**build.files, "node/more.mpy": more})
    plugged = _cut(checks, plugged, other)
    update_s = _flashed(checks, plugged, other, "b")
    checks.that("an update leaves which unit it is", _files(plugged.pico)["unit.conf"] == unit)
    _harden(checks, plugged)
    octets = sum(map(len, build.files.values()))
    return checks.result(octets=octets, flash_s=flash_s, update_s=update_s)


def _flashed(checks, plugged, build, folder):
    """A build is put there, and counts; how long it took."""
    begin = plugged.pico.now_us
    result = plugged.run(_flash(plugged, build))
    checks.that("flash: %s" % (result,), not isinstance(result, Failure))
    files = _files(plugged.pico)
    wrong = [n for n, o in build.files.items() if files.get(folder + "/" + n) != o]
    checks.that("not as they were built: %s" % wrong, not wrong)
    checks.that("folder %s does not count" % folder, files["active"] == folder.encode())
    return round((plugged.pico.now_us - begin) / 1e6, 1)


def _provision(checks, plugged):
    """It gets its number and a key, once, and is looked at."""
    command = "provision", "--port", plugged.port
    code, said = plugged.run(_command(*command, *UNIT, "--key", "--level", "3"))
    # Not repeated where it is as it should be: the key is in it.
    checks.that("provision: code %d" % code, code == 0)
    checks.that("it is no other device", "\nalive %s " % ADDRESS in said)
    entry = keys.load(os.environ["MBUS_KEYS"]).find(secondary_octets(ADDRESS))
    checks.that("the key file has no key", entry and entry.level == 3)
    code, said = plugged.run(_command(*command, *UNIT))
    checks.that("provisioned twice: " + said, code == 1 and "which is done once" in said)
    code, said = plugged.run(_command("diag", "--port", plugged.port))
    checks.that("diag: " + said, code == 0 and "image RPI_PICO\n" in said)
    checks.that("diag: " + said, "started by: " in said and "crashes: 0" in said)


def _cut(checks, plugged, build):
    """The power fails while a build is put there; what starts then, plugged in again."""
    times = plugged.pico.flash_times
    enough = len(times.operations) + random.Random(2).randrange(60, 160)
    cut = plugged.run(
        _flash(plugged, build), lambda: len(times.operations) >= enough and times.busy
    )
    checks.that("the update was over before it was cut", cut is None)
    plugged.pull()
    pico = plugged.pico.cut_power(3).boot()
    at = pico.console.wait_for(b"alive ", 0, _BOOT_US)
    pico.console.wait_for(b"\n", at, _BOOT_US)
    checks.that("folder b counts after the cut", _files(pico)["active"] == b"a")
    return Plugged(pico)


def _harden(checks, plugged):
    """It does not hear Ctrl-C any more."""
    code, said = plugged.run(_command("harden", ADDRESS[:8], "--port", plugged.port))
    checks.that("harden: " + said, code == 0 and "\nalive %s " % ADDRESS in said)
