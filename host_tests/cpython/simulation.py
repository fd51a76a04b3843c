# SPDX-License-Identifier: MIT
"""`mbus simulate` as a process of its own, for the tests that talk to it as a master would."""

import os
import select
import subprocess
import sys
import time

DEADLINE_S = 30


class Simulation:
    """Meters on a bus of their own: with Simulation(folder, "--meters", "3") as bus: ...

    folder   an empty one: it gets the link of the pty, the log of the bus and the errors
    tcp      listen at a free TCP port; without it there is a pty
    After the start, where is what stands behind `ready`: HOST:PORT or the link.
    """

    def __init__(self, folder, *options, tcp=False):
        self._log = folder / "bus.log"
        self._errors = folder / "errors.txt"
        self.link = folder / "line"
        way = ("--tcp", "127.0.0.1:0") if tcp else ("--pty", str(self.link))
        self._command = [sys.executable, "-m", "mbusnode.cli", "simulate"]
        self._command += [*way, "--log", str(self._log), *options]
        self.where = None
        self.process = None

    def __enter__(self):
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=errors)
        try:
            line = self._line()
            assert line.startswith("ready "), (line, self.errors())
            self.where = line[6:]
        except BaseException:
            self._kill()
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                assert self.end() == 0, self.errors()
                assert self.errors() == ""
        finally:
            self._kill()

    def _line(self):
        """The next line of standard output."""
        octets = b""
        limit = time.monotonic() + DEADLINE_S
        fd = self.process.stdout.fileno()
        while not octets.endswith(b"\n"):
            wait = limit - time.monotonic()
            assert wait > 0, "simulate printed only %r" % octets
            if select.select([fd], [], [], wait)[0]:
                more = os.read(fd, 300)
                if not more:
                    break
                octets += more
        return octets.decode().strip()

    def end(self):
        """SIGTERM; the exit code."""
        self.process.terminate()
        return self.process.wait(DEADLINE_S)

    def _kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    @property
    def host_and_port(self):
        """Where it listens, as two texts."""
        host, _, port = self.where.rpartition(":")
        return host, port

    def errors(self):
        """What it has written to standard error."""
        return self._errors.read_text()

    def log(self):
        """[(who, octets as hexadecimal without spaces)] on the bus: M is the master, S1 a slave."""
        entries = []
        for line in self._log.read_text().splitlines():
            _, who, octets = line.split(maxsplit=2)
            entries.append((who, octets.replace(" ", "")))
        return entries

    def sent(self, who="M"):
        """The telegrams this node has sent."""
        return [octets for sender, octets in self.log() if sender == who]


def wait_until(condition, limit_s=DEADLINE_S):
    """Return what condition() says when that is true, or what it says at the end of time."""
    limit = time.monotonic() + limit_s
    while True:
        result = condition()
        if result or time.monotonic() > limit:
            return result
        time.sleep(0.02)
