# SPDX-License-Identifier: MIT
"""How the device fares: why and how often it started, what it died of, what went wrong since.

Tasks beat, and only while all of them do is the watchdog fed.  What a task did not catch goes
into a ring of four texts that outlives a reset.
"""

import sys
from struct import calcsize, pack, unpack

from mbus.encode import text
from mbus.timing import elapsed
from micropython import const

# Why the device started.
UNKNOWN = 0
POWER = 1  # power-up, or a brown-out: chips do not tell them apart
WATCHDOG = 2
CRASH = 3  # an exception that nobody caught
COMMAND = 4  # a reset that was asked for
SOFT = 5  # of the interpreter alone

CRASHES = 4  # texts kept

_RECORD = const(4)  # of the store: counters; the texts stand behind it
_FORMAT = "<III"
_TEXT_MAX = const(180)
_BEAT_MS = const(4000)  # two erases of flash and a collection take less


class Health:
    """The record of one device in its store (store.py).

    cause     why it started
    starts    how often, watchdog those that were the watchdog's, crashes those of an exception
    link      whose counters are shown, when there is one
    store_failures  how often it could not be stored since the start
    """

    def __init__(self, store, cause: int = UNKNOWN):
        self._store = store
        self.cause = cause
        self.link = None
        self.store_failures = 0
        self._beats = {}
        octets = store.read(_RECORD)
        sound = octets and len(octets) == calcsize(_FORMAT)
        self.starts, self.watchdogs, self.crashes = unpack(_FORMAT, octets) if sound else (0, 0, 0)
        self._texts = [store.read(_RECORD + 1 + n) for n in range(CRASHES)]
        self.starts += 1
        self.watchdogs += cause == WATCHDOG
        self.due = True

    def save(self):
        """Store the counters; OSError as the store raises it."""
        self._store.write(_RECORD, pack(_FORMAT, self.starts, self.watchdogs, self.crashes))
        self.due = False

    def crashed(self, error):
        """Keep what an exception says, and count it; OSError as the store raises it."""
        words = description(error).encode()[-_TEXT_MAX:]
        place = self.crashes % CRASHES
        self.crashes += 1
        self._store.write(_RECORD + 1 + place, words)
        self._texts[place] = words
        self.save()

    def crash(self, n: int):
        """The n-th newest text as LVAR, or None."""
        if not 0 <= n < min(CRASHES, self.crashes):
            return None
        words = self._texts[(self.crashes - 1 - n) % CRASHES]
        return text(str(words, "utf-8")) if words else None

    def beat(self, task: str, now: int):
        """A task is alive."""
        self._beats[task] = now

    def rest(self, task: str):
        """A task waits for something that may never come."""
        self._beats.pop(task, None)

    def alive(self, now: int) -> bool:
        """Whether every task that has ever beaten has done so lately."""
        return all(elapsed(now, at) < _BEAT_MS for at in self._beats.values())

    @property
    def late(self):
        """Replies that were not sent for their time was over, or None."""
        return self.link and self.link.late

    @property
    def line_errors(self):
        """Telegrams that were damaged and replies that others touched, or None."""
        return self.link and self.link.rejected + self.link.collisions


def description(error) -> str:
    """The traceback of an exception in ASCII, as short as it comes."""
    from io import StringIO

    out = StringIO()
    if hasattr(sys, "print_exception"):
        sys.print_exception(error, out)
    else:
        import traceback

        traceback.print_exception(error, file=out)
    lines = [line.strip() for line in out.getvalue().split("\n")]
    kept = "; ".join([line for line in lines if line and not line.startswith("Traceback")])
    return "".join([char if " " <= char <= "~" else "?" for char in kept])
