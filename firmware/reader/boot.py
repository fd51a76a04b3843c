# SPDX-License-Identifier: MIT
"""Boot of the reader role: board, port, link, one task; read.py calls it.

    read.py meters=1,2,12345678 [every_s=900] [baud=2400] [echo=auto|on|off] [bus=...]
            [keys=FILE state=FOLDER] | FILE

On a PC: MICROPYPATH=firmware:boards/desk:.frozen micropython firmware/read.py bus=... meters=1
Each line that it prints is one record, or one meter that did not answer, in JSON; the first one
says that it is alive, and of how much heap.
"""

import asyncio
import gc
import json

import board

from mbus.exchange import MasterLink
from mbus.master import Master
from mbus.timing import RATES
from micropython import const
from node.configfile import pairs

from .rounds import Reader, place

_KEYS = ("meters", "every_s", "baud", "echo", "bus", "keys", "state")
_FEED_MS = const(1000)
_POWER_UP_MS = const(1000)  # a bus that has just been switched on, and its slaves


class SettingError(ValueError):
    """A setting that cannot be, in words."""


def settings(arguments) -> dict:
    """What the arguments and the files among them say; SettingError where that cannot be."""
    given = {"every_s": "900", "baud": "2400", "echo": "auto", "bus": "", "meters": ""}
    given.update({"keys": "", "state": ""})
    given.update({key: value for key, value in board.CONFIG.items() if key in given})
    for argument in arguments:
        lines = [argument]
        if "=" not in argument:
            lines = _lines(argument)
        given.update(pairs(lines))
    for key in given:
        if key not in _KEYS:
            raise SettingError("unknown setting %s; known are %s" % (key, ", ".join(_KEYS)))
    for key, allowed in (("baud", RATES), ("every_s", range(1, 86401))):
        text = given[key]
        if not text.isdigit() or int(text) not in allowed:
            raise SettingError("%s=%s: allowed is %s" % (key, text, _words(allowed)))
        given[key] = int(text)
    if given["echo"] not in ("auto", "on", "off"):
        raise SettingError("echo=%s: allowed is auto, on or off" % given["echo"])
    if not given["meters"]:
        raise SettingError("meters= is missing: addresses with commas between")
    given["meters"] = [text.strip() for text in given["meters"].split(",")]
    for text in given["meters"]:
        place(text)
    return given


def _words(allowed):
    if isinstance(allowed, range):
        return "%d to %d" % (allowed.start, allowed.stop - 1)
    return ", ".join([str(rate) for rate in allowed])


def _lines(path):
    try:
        with open(path) as file:
            return file.read().split("\n")
    except OSError as e:
        raise SettingError("file %s cannot be read (error %s)" % (path, e))


def _opening(given, port):
    """What opens the telegrams of meters with keys, or None."""
    if not given["keys"]:
        return None
    if not given["state"]:
        raise SettingError("keys= needs state=, a folder for message counters")
    from .keys import Keys

    return Keys(_lines(given["keys"]), port.store(given["state"])).opening


async def serve(reader, port, watchdog):
    """Read for ever."""
    ticks_ms = port.ticks_ms
    fed = ticks_ms()
    await asyncio.sleep_ms(_POWER_UP_MS)
    while True:
        now = ticks_ms()
        wait_ms = reader.poll(now, port.overload())
        if watchdog and (now - fed) & 0x3FFFFFFF >= _FEED_MS:
            fed = now
            watchdog.feed()
        await asyncio.sleep_ms(min(wait_ms, _FEED_MS))


def main(arguments) -> int:
    """Run the reader; returns an exit code."""
    port = getattr(__import__("port." + board.PORT), board.PORT)
    try:
        given = settings(arguments)
        stream = port.open_bus(given["bus"], given["baud"], False)
        link = MasterLink(stream, Master(), given["baud"], given["echo"])
        opening = _opening(given, port)
        reader = Reader(link, given["meters"], given["every_s"] * 1000, print, opening)
    except ValueError as e:
        print("error:", e)
        return 2
    except OSError as e:
        print("error: bus %s cannot be opened (error %s)" % (given["bus"], e))
        return 1
    print(json.dumps({"alive": port.report()}))
    if hasattr(gc, "threshold"):
        # What keeps the heap in one piece while files are loaded takes 25 ms each time then, and
        # a record is worth several: from now on it is collected where it is full.
        gc.threshold(-1)
    try:
        asyncio.run(serve(reader, port, port.watchdog()))
    except OSError:
        if not port.restart:
            print("bus %s closed" % given["bus"])
            return 0
        port.restart()
    except KeyboardInterrupt:
        return 0
    return 1
