# SPDX-License-Identifier: MIT
"""A board at a pty: rawrepl.py in a process, which is started anew as a chip is by its resets."""

import contextlib
import os
import pty
import select
import shutil
import subprocess
import sys
import termios
import threading
import time
import tty
from pathlib import Path

MICROPYTHON = shutil.which(
    os.environ.get("MICROPYTHON") or str(Path(sys.executable).parent / "micropython")
)
PROGRAM = str(Path(__file__).resolve().parents[1] / "rawrepl.py")
PICO = "Raspberry Pi Pico with RP2040"
MPY = 6 | 1 << 8
_PATIENCE_S = 10
# Held while a process is made: until it runs, it has copies of all files of this one, and so the
# lock on a port that is being closed.
FORKING = threading.Lock()


class Board:
    """A board with a folder as its flash; port is where it is plugged in.

    cut_after  after so many changes of its flash the power fails: is_off then, until restart(),
               and the port is another one
    starts     why it started, each time
    said       all that came out of its port
    """

    def __init__(self, folder, image="RPI_PICO", version="1.28.0", machine=PICO, mpy=MPY,
                 blocks=352, cut_after=0):  # fmt: skip
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.about = [image, version, machine, str(mpy), str(blocks)]
        self.cut_after = cut_after
        self.starts, self.said, self.fed, self.is_off = [], bytearray(), 0, True
        self._wdt_at = None
        self._plug()
        self._ended = False
        self._off_and_on, self._asked = threading.Event(), threading.Event()
        self._boot("power")
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _plug(self):
        self._line, slave = pty.openpty()
        tty.setraw(slave)
        self._slave = slave  # kept open: a pty that nobody has open ends
        self.port = os.ttyname(slave)

    def _unplug(self):
        os.close(self._line)
        os.close(self._slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ended = True
        self._thread.join()
        self._kill()
        self._unplug()

    def restart(self):
        """The supply fails, and comes back; whatever it was at, and what nobody has read is gone."""
        self._off_and_on.set()
        self._wait(lambda: not self._off_and_on.is_set())

    def feeds(self) -> int:
        """How often its watchdog was fed, up to what it has answered by now."""
        self._asked.set()
        self._wait(lambda: not self._asked.is_set())
        return self.fed

    def _wait(self, is_so):
        end = time.monotonic() + _PATIENCE_S
        while not is_so():
            assert self._thread.is_alive() and time.monotonic() < end
            time.sleep(0.002)

    def wait_off(self):
        """Until the power has failed."""
        self._wait(lambda: self.is_off)

    def _boot(self, how):
        self.is_off = False
        self.starts.append(how)
        self._wdt_at = self._wdt_at if how in ("soft", "raw") else None
        how = how if how in ("soft", "raw") else "power"
        program = [PROGRAM, *self.about, str(self.cut_after), how]
        with FORKING:
            self._process = subprocess.Popen(
                [MICROPYTHON, "-X", "heapsize=384k", *program],
                cwd=self.folder,
                env=dict(os.environ, MICROPYPATH=".frozen"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
            )
        self._told = b""

    def _kill(self):
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            pipe.close()

    def _serve(self):
        while not self._ended:
            if self._off_and_on.is_set():
                self._kill()
                termios.tcflush(self._slave, termios.TCIFLUSH)
                self._boot("power")
                self._off_and_on.clear()
            if self._asked.is_set():
                while select.select([self._process.stderr], [], [], 0)[0]:
                    self._hear(os.read(self._process.stderr.fileno(), 4096))
                self._asked.clear()
            here = [self._line] if self.is_off else [
                self._line, self._process.stdout, self._process.stderr
            ]  # fmt: skip
            for ready in select.select(here, [], [], 0.02)[0]:
                if ready == self._line:
                    self._type(os.read(self._line, 4096))
                elif ready == self._process.stdout:
                    text = os.read(ready.fileno(), 4096).replace(b"\n", b"\r\n")
                    self.said += text
                    os.write(self._line, text)
                elif not self._hear(os.read(ready.fileno(), 4096)):
                    break
            if self._wdt_at and time.monotonic() > self._wdt_at and not self.is_off:
                self._again("watchdog")

    def _type(self, octets):
        if not self.is_off:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(octets)

    def _hear(self, octets):
        """False where the process is another one by now."""
        if not octets:
            time.sleep(0.01)
            return True
        self._told += octets
        while b"\n" in self._told:
            line, _, self._told = self._told.partition(b"\n")
            words = line.decode().split()
            if words[0] == "wdt":
                self.fed += 1
                self._wdt_at = time.monotonic() + int(words[1]) / 1000
            elif words[0] == "cut":
                self._kill()
                self._unplug()
                self._plug()
                self.cut_after = 0
                self.is_off = True
                return False
            elif words[0] in ("reset", "soft", "raw"):
                self._again(words[0])
                return False
        return True

    def _again(self, how):
        # What it has printed comes first.
        while select.select([self._process.stdout], [], [], 0)[0]:
            text = os.read(self._process.stdout.fileno(), 4096)
            if not text:
                break
            os.write(self._line, text.replace(b"\n", b"\r\n"))
        self._kill()
        self._boot(how)
