# SPDX-License-Identifier: MIT
"""`make demo`: two meters on MicroPython, found, read and changed over a virtual bus.

The meters are processes of MicroPython that run firmware/main.py as a board does, with a heap
of 128 kB each.  The reader is the command `mbus`.  Ends with 0 only if all of it happened.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from mbusnode.bus import Bus
from mbusnode.bus_server import BusServer
from mbusnode.failure import Failure

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MICROPYTHON = os.environ.get("MICROPYTHON") or os.path.join(ROOT, ".venv", "bin", "micropython")
HEAP = "384k"
BAUD = 9600
START_S = 10  # how long a meter may take to start
STORE_S = 2  # and to store a change

# What main.py says when it is alive.
_ALIVE = re.compile(r"alive (?P<secondary>[0-9A-F]{16}) primary=(?P<primary>\d+) (?P<report>.*)")

METERS = (
    {"meter": 1, "identification": "12345678", "primary": 1},
    {"meter": 2, "identification": "87654321", "primary": 2},
)
NEW_ADDRESS = 42


class Meter:
    """One process of MicroPython with the firmware's module role."""

    def __init__(self, settings, bus, folder):
        self.settings = settings
        self._bus = bus
        self._state = os.path.join(folder, "meter-%d" % settings["meter"])
        self._process = None
        self.secondary = self.primary = self.report = None

    def start(self):
        """Start it and wait until it says that it is alive."""
        settings = dict(self.settings, bus=self._bus, state=self._state, baud=BAUD)
        arguments = ["%s=%s" % item for item in settings.items()]
        self._process = subprocess.Popen(
            [MICROPYTHON, "-X", "heapsize=" + HEAP, "firmware/main.py", *arguments],
            cwd=ROOT,
            env=dict(os.environ, MICROPYPATH="firmware:boards/desk:.frozen"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        watchdog = threading.Timer(START_S, self._process.kill)
        watchdog.start()
        said = self._process.stdout.readline().strip()
        watchdog.cancel()
        alive = _ALIVE.match(said)
        if not alive:
            rest = self._process.communicate(timeout=START_S)[0] if said else ""
            raise Failure("meter %s did not start: %s %s" % (self.settings["meter"], said, rest))
        self.secondary = alive["secondary"]
        self.primary = int(alive["primary"])
        self.report = alive["report"]

    def wait_stored(self):
        """Wait until it has stored something; it does so once the line is quiet."""
        deadline = time.monotonic() + STORE_S
        while not (os.path.isdir(self._state) and os.listdir(self._state)):
            need(time.monotonic() < deadline, "the meter stored nothing")
            time.sleep(0.01)

    def kill(self):
        """End it as a power cut does."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None


class Steps:
    """Runs `mbus` on the bus, shows what it prints, and holds it against what is expected."""

    def __init__(self, port):
        self._port = port

    def mbus(self, *arguments, shown=True):
        """Run one command; returns what it printed."""
        command = ["mbus", *arguments]
        print("\n$ " + " ".join(command), flush=True)
        out = subprocess.run(
            [sys.executable, "-m", "mbusnode.cli", *arguments, "--baud", str(BAUD)],
            env=dict(os.environ, MBUS_PORT="socket://127.0.0.1:%d" % self._port),
            capture_output=True,
            text=True,
            check=False,
        )
        if shown:
            print(out.stdout.rstrip(), flush=True)
        if out.returncode:
            raise Failure("`%s` failed: %s" % (" ".join(command), out.stderr.strip()))
        return out.stdout


def need(condition, text):
    """Fail with a text unless the condition holds."""
    if not condition:
        raise Failure(text)


def start_meters(meters):
    """Start all meters; each must be MicroPython, with a heap of its own."""
    print("meters, each a process of %s with %s of heap:" % (os.path.basename(MICROPYTHON), HEAP))
    for meter in meters:
        meter.start()
        print("  %s at address %d: %s" % (meter.secondary, meter.primary, meter.report))
        need("name='micropython'" in meter.report, "that meter is not MicroPython")
    need(len({meter.secondary for meter in meters}) >= 2, "the meters share one secondary address")


def read_meters(steps, meters):
    """Find the meters by secondary address, and read each."""
    found = steps.mbus("scan", "--secondary")
    for meter in meters:
        need(meter.secondary in found, "the scan did not find %s" % meter.secondary)
    for meter in meters:
        table = steps.mbus("read", meter.secondary)
        number = meter.settings["identification"]
        need(re.search(r"^identification +%s " % number, table, re.M), "%s was not read" % number)
        need(re.search(r"^energy +\d+ +Wh", table, re.M), "%s told no energy" % number)
        need(" s on the bus" in table, "the bus time is missing")


def change_address(steps, meter):
    """Give a meter another address, cut its power, and find the address still changed."""
    old, number = meter.primary, meter.settings["identification"]
    steps.mbus("address", str(old), str(NEW_ADDRESS))
    meter.wait_stored()
    meter.kill()
    print("\nmeter %s killed, and started again:" % number)
    meter.start()
    print("  %s at address %d: %s" % (meter.secondary, meter.primary, meter.report))
    need(meter.primary == NEW_ADDRESS, "the meter came back with address %d" % meter.primary)
    report = steps.mbus("read", str(NEW_ADDRESS), "--format", "csv", shown=False)
    need(number in report, "the meter at address %d is not %s" % (NEW_ADDRESS, number))
    print("%d: answers as meter %s" % (NEW_ADDRESS, number))


def main() -> int:
    """Run the demonstration; returns the exit code."""
    if not shutil.which(MICROPYTHON):
        print("demo: there is no MicroPython at %s: give MICROPYTHON=/path/to/it" % MICROPYTHON)
        return 1
    build = os.path.join(ROOT, "build")
    os.makedirs(build, exist_ok=True)
    server = BusServer(Bus(BAUD))
    thread = threading.Thread(target=server.run)
    started = time.monotonic()
    meters = []
    try:
        with tempfile.TemporaryDirectory(prefix="demo-%d-" % os.getpid(), dir=build) as folder:
            slaves = "127.0.0.1:%d" % server.slaves_tcp("127.0.0.1", 0)
            master = server.master_tcp("127.0.0.1", 0)
            thread.start()
            meters += [Meter(settings, slaves, folder) for settings in METERS]
            steps = Steps(master)
            start_meters(meters)
            read_meters(steps, meters)
            change_address(steps, meters[0])
            for meter in meters:
                meter.kill()
        print("\nall of it happened, in %.1f s" % (time.monotonic() - started))
        return 0
    except Failure as e:
        print("\ndemo failed: %s" % e)
        return 1
    finally:
        for meter in meters:
            meter.kill()
        server.stop()
        if thread.is_alive():
            thread.join()
        server.close()


if __name__ == "__main__":
    sys.exit(main())
