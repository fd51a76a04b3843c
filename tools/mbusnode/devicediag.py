# SPDX-License-Identifier: MIT
"""`mbus diag --port`: how a device fares, told over its USB or serial port.

The module is stopped for it, stores what it has counted, and is started again.
"""

import re

from mbusnode import onboard
from mbusnode.builds import about, described
from mbusnode.flashing import other
from node.health import CRASHES

_CAUSES = ("unknown", "power-up or brown-out", "watchdog", "crash", "command", "soft reset")
_STOPPED = re.compile(r"stopped cause=(\d+) late=(\d+) line_errors=(\d+) store_failures=(\d+)")
_HEALTH = """\
from node.health import Health
_t=Store(_o.load,_o.save)
_h=Health(_t)
_n=sum(_t.read(n) is not None for n in range(41))
"""


def run(args) -> int:
    """Show it; the exit code."""
    with onboard.opened(args.port) as device:
        rows = [*_versions(device), *_health(device), *_storage(device)]
        line = onboard.begin(device)
    for name, text in [*rows, ("runs again", line)]:
        print("%s: %s" % (name, text))
    return 0


def _versions(device):
    folder = onboard.use_program(device)
    yield "board", described(about(device))
    device.run("import mbus")
    yield "firmware", "%s, in folder %s" % (device.value("mbus.__version__"), folder)
    if device.exists(other(folder)):
        yield "the version before", "in folder %s" % other(folder)
    unit = onboard.settings(device, onboard.UNIT)
    text = ", ".join("%s %s" % item for item in unit.items())
    yield "provisioned", text or "no (mbus provision --help)"
    there = bool(onboard.settings(device, onboard.SETTINGS))
    yield "settings", onboard.SETTINGS if there else "%s is damaged" % onboard.SETTINGS


def _health(device):
    stopped = _STOPPED.search(device.said)
    if stopped:
        cause, late, line, store = map(int, stopped.groups())
        yield "started by", _CAUSES[cause] if cause < len(_CAUSES) else "cause %d" % cause
        yield "since then", "%d replies too late, %d line errors, %d saves failed" % (
            late, line, store)  # fmt: skip
    else:
        yield "started by", "nothing: the module was not running"
    device.run(_HEALTH)
    starts, watchdogs, crashes = device.value("(_h.starts-1,_h.watchdogs,_h.crashes)")
    yield "starts", "%d, %d of them by the watchdog" % (starts, watchdogs)
    yield "crashes", str(crashes)
    # A text is LVAR: its length, then its characters, the last one first.
    for n in range(min(crashes, CRASHES)):
        octets = device.value("_h.crash(%d)" % n)
        yield "crash %d" % n, _words(octets) if octets else "not readable"


def _words(octets):
    text = bytes(octets[1:])[::-1].decode("latin-1")
    return "".join(char if char.isprintable() else "?" for char in text)


def _storage(device):
    size, _, blocks, free = device.value("tuple(os.statvfs('/')[:4])")
    yield "flash", "%d kB, %d kB free" % (size * blocks // 1024, size * free // 1024)
    records, damaged, generation = device.value("(_n,_t.damaged,_t.generation)")
    yield "storage", "%d records, %d damaged, %d saves" % (records, damaged, generation)
    device.run("import gc\ngc.collect()")
    yield "heap", "%d octets free, the module stopped" % device.value("gc.mem_free()")
