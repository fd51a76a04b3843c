# SPDX-License-Identifier: MIT
"""asyncio in virtual time.

On MicroPython it is the real one, whose ticks and whose wait for streams are the chip's.
CPython's has other names and another loop: there fakechip.coroutines stands in for it.
"""

import sys

WAKE_US = 450  # what a task costs that wakes, in time of the chip
_AHEAD = 1 << 28  # what pushes a task without a time takes the real ticks: always in the past

_before = {}


class IOQueue:
    """In the place of asyncio.core.IOQueue: streams are asked, time is waited for."""

    _chip = None

    def __init__(self):
        self.map = {}

    def queue_read(self, stream):
        return self._queue(stream)

    def queue_write(self, stream):
        raise NotImplementedError("tasks that wait to write")

    def _queue(self, stream):
        from asyncio import core

        task = core.cur_task
        self.map[id(stream)] = (stream, task)
        task.data = self

    def remove(self, task):
        for key in [k for k, v in self.map.items() if v[1] is task]:
            del self.map[key]

    def _wake(self):
        from asyncio import core

        ready = [k for k, v in self.map.items() if readable(v[0])]
        for key in ready:
            core._task_queue.push(self.map.pop(key)[1])
        return ready

    def wait_io_event(self, dt):
        """Wait so many ms, for ever where it is negative, or until a stream can be read."""
        wait(self._chip, dt, self._wake if self.map else None)


def readable(stream):
    """Whether select would call it so."""
    poll = getattr(stream, "_poll", None)
    return poll() if poll else bool(stream.ioctl(3, 1))


def wait(chip, ms, wake):
    """Let time go by until wake() is true or ms are over; a wake-up itself takes time."""
    clock = chip.clock
    end = 1 << 60 if ms < 0 else clock.now + ms * 1000
    if not wake:
        chip.core.sleep(end - clock.now + WAKE_US)
        return
    while wake and not wake() and clock.now < end:
        at = clock.next_at()
        if at is None and ms < 0:
            raise RuntimeError("all tasks wait for ever")
        chip.core.sleep(min(end, end if at is None else at) - clock.now)
    chip.core.sleep(WAKE_US)


def asyncio_for(chip):
    """The module that `import asyncio` is to find."""
    if sys.implementation.name != "micropython":
        from .coroutines import Asyncio

        return Asyncio(chip)
    import asyncio
    from asyncio import core

    if not _before:
        _before.update(ticks=core.ticks, IOQueue=core.IOQueue)
    start = _before["ticks"]() + _AHEAD - chip.clock.now // 1000
    core.ticks = lambda: start + chip.clock.now // 1000
    core.IOQueue = type("IOQueue", (IOQueue,), {"_chip": chip})
    core.new_event_loop()
    return asyncio


def renew():
    """No task of before a reset goes on, nor is it kept."""
    if _before:
        from asyncio import core

        core.cur_task = None
        core.new_event_loop()


def restore():
    """The real loop again."""
    if _before:
        from asyncio import core

        core.ticks, core.IOQueue = _before["ticks"], _before["IOQueue"]
        renew()
