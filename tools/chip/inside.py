# SPDX-License-Identifier: MIT
"""What only the module itself can tell: what it takes of its heap for an exchange, its pauses.

The firmware is as ever, and main.py another one: it looks on while the module serves, and tells
what it has seen when Ctrl-C ends it.
"""

import json
import statistics

from .device import Device, flash, module_files
from .measure import ADDRESS, CLOSED_US, PERIOD_US, Checks

_READS = 10
# Reads after which the heap is watched, too, which takes time: pauses are measured before.
_PAUSES = 6
_TOLD = b"seen "

MAIN = """
import gc
import json
import sys
import time

gc.threshold(16384)  # as boards/main.py does
sys.path.insert(0, "a")

from node import app, boot

HEAP_FROM = %d
alloc, ticks_us, diff = gc.mem_alloc, time.ticks_us, time.ticks_diff


class Collector:
    # In the place of gc in app.py, which collects once behind each reply.
    def __init__(self):
        self.base = None
        self.exchanges = []
        self.us = 0

    def collect(self):
        used = alloc()
        if self.base is not None:
            self.exchanges.append(used - self.base)
        begin = ticks_us()
        gc.collect()
        self.us = max(self.us, diff(ticks_us(), begin))
        self.base = alloc() if seen.heap else None


class Seen(app.App):
    def __init__(self, link, *more):
        super().__init__(link, *more)
        self.link, self.unwatched = link, link.poll
        self.replies, self.heap = 0, False
        self.paths = []
        self.path = self.pause_us = self.look_us = 0
        self.looked_at = None
        link.poll = self.watch

    def watch(self, now, now_us):
        link = self.link
        if not self.heap:
            return self.unwatched(now, now_us)
        before, had = alloc(), link.replies
        wait_ms = self.unwatched(now, now_us)
        self.path += alloc() - before
        if link.replies != had:
            self.paths.append(self.path)
            self.path = 0
        return wait_ms

    def look(self, now):
        begin = ticks_us()
        if self.looked_at is not None and not self.heap:
            self.pause_us = max(self.pause_us, diff(begin, self.looked_at))
        self.heap = self.link.replies >= HEAP_FROM
        super().look(now)
        end = ticks_us()
        if not self.heap:
            self.look_us = max(self.look_us, diff(end, begin))
        self.looked_at = begin


def make(*given):
    global seen
    seen = Seen(*given)
    return seen


seen = None
app.gc = Collector()
boot.App = make
boot.main(["meter.conf"])
collector = app.gc
print("seen " + json.dumps({
    "pause_us": seen.pause_us,
    "look_us": seen.look_us,
    "collect_us": collector.us,
    "paths": seen.paths,
    "exchanges": collector.exchanges,
}))
"""


def image(uf2, settings) -> bytes:
    """A flash with the module and that main.py."""
    main = (MAIN % (2 * _PAUSES + 1)).encode()
    return flash(uf2, {**module_files(settings), "main.py": main})


def seen(image) -> dict:
    """Reads with pulses and saves, the first of them unwatched but for time; what was seen."""
    checks, device = Checks(), Device(image)
    device.boot()
    bus, console = device.bus, device.pico.console
    checks.runs("reset", bus.run, bus.master.reset(ADDRESS))
    device.pulses[0].run(PERIOD_US, CLOSED_US)
    for n in range(_READS):
        checks.runs("read %d" % n, bus.read, ADDRESS)
        device.pico.run_us(1_000_000)
    begin = len(console.output)
    console.type(b"\x03")
    at = console.wait_for(_TOLD, begin) + len(_TOLD)
    end = console.wait_for(b"\n", at)
    told = json.loads(bytes(console.output[at:end]))
    # Of the first reply that was watched: what made it ready was not.
    paths, exchanges = told["paths"][2:], told["exchanges"][1:]
    checks.that("replies were watched: %s" % paths, len(paths) >= 4)
    # What was not made ahead when it was asked for is made then, on the heap.
    checks.that("octets of heap on the reply path: %s" % paths, not statistics.median(paths))
    return checks.result(
        pause_ms=round(told["pause_us"] / 1e3, 1),
        look_ms=round(told["look_us"] / 1e3, 1),
        collect_ms=round(told["collect_us"] / 1e3, 1),
        reply_path_octets=paths,
        exchange_octets=exchanges,
    )
