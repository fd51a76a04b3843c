# SPDX-License-Identifier: MIT
"""The tasks of the module: serve the bus, and when it is quiet let the meter go on and store it.

All else is plain functions that return; this is the only asyncio there is.
"""

import asyncio
import gc

from mbus.timing import elapsed
from micropython import const

_NOW_MS = const(1)  # of a wait: a pause of asyncio would take longer
_LOOK_MS = const(20)
_TICK_MS = const(10_000)  # how long a line that is never quiet may hold up the meter
_COLLECT_MS = const(30)  # collecting garbage takes so long at most
_STEP_MS = const(12)  # and a step of the next readout, or a tick of the meter
_STORE_MS = const(60)  # and storing, most times: a sector of flash is erased in 45 ms
_PAUSE_MS = const(100)  # behind a reply, in which a master goes on
_RETRY_MS = const(10_000)  # storage that failed is not worn out by trying
_SUPERVISE_MS = const(1000)


class App:
    """The module on its port: ends with the OSError of a bus that was closed.

    source    what asyncio can wait for an octet of, if the bus has such a thing: a UART
    parts     what is polled on the way: its senses, its timekeeper, as far as it has them
    watchdog  fed while all tasks are alive, if there is one
    """

    def __init__(self, link, module, ticks_ms, ticks_us, source=None, parts=(), watchdog=None):
        self._link = link
        self._module = module
        self._ticks_ms = ticks_ms
        self._ticks_us = ticks_us
        self._source = source and asyncio.StreamReader(source)
        self._parts = parts
        self._watchdog = watchdog
        self._tasks = ()  # kept, for a task nobody holds may be collected
        self._replies = 0
        self._ticked_at = self._failed_at = None

    async def serve(self):
        """Until the bus ends, or one of the tasks fails."""
        self._tasks = tuple(
            asyncio.create_task(task) for task in (self._line(), self._look(), self._supervise())
        )
        await asyncio.gather(*self._tasks)

    async def _line(self):
        link, health = self._link, self._module.health
        ticks_ms, ticks_us = self._ticks_ms, self._ticks_us
        while True:
            wait_ms = _NOW_MS
            while wait_ms == _NOW_MS:
                now = ticks_ms()
                wait_ms = self.poll(now, ticks_us())
            health.beat("serve", now)
            if not self._source or not link.idle:
                await asyncio.sleep_ms(wait_ms)
                continue
            health.rest("serve")
            # One octet: more would block the loop until the line falls silent.
            octet = await self._source.read(1)
            link.wake(octet[0], ticks_ms())

    def poll(self, now: int, now_us=None) -> int:
        """Serve the bus once; returns in how many ms to call again, see SlaveLink.poll().

        What takes long is done as soon as a reply has begun to leave.  What is due and was not
        stored while a reply was on its way is stored when it has just left: the next request
        does not end so soon that it would wait long for flash that is being erased.
        """
        link = self._link
        sending = link.sending
        wait_ms = link.poll(now, now_us)
        if sending and link.quiet:
            self._store(now, self._quiet)
            return _NOW_MS
        if link.sending and not sending:
            self._while_sending(now)
        return wait_ms

    async def _look(self):
        while True:
            await asyncio.sleep_ms(_LOOK_MS)
            now = self._ticks_ms()
            self.look(now)
            self._module.health.beat("look", now)

    def look(self, now: int):
        """Let the meter go on; store it when the bus is idle and the last reply has left."""
        link = self._link
        link.still(now)
        for part in self._parts:
            part.poll(now)
        if link.sending:
            self._while_sending(now)
        elif link.quiet:
            self._go_on(now, self._quiet)
            if link.quiet:
                self._in_quiet(now)
        elif self._ticked_at is None or elapsed(now, self._ticked_at) >= _TICK_MS:
            # The meter goes on whatever the line does.
            self._go_on(now, self._quiet)

    def _go_on(self, now, may, early=False):
        self._module.tick(now, may, early)
        self._ticked_at = now

    def _while_sending(self, now):
        # The UART sends by itself, and no master asks before the reply has come: whatever takes
        # long is best done now.
        link = self._link
        if link.replies != self._replies and link.left_ms(now) > _COLLECT_MS:
            self._collect()
        if self._is_sending():
            self._go_on(now, self._is_sending, True)
        if link.unattended:
            self._store(now, self._may_store)

    def _in_quiet(self, now):
        if self._link.replies != self._replies and self._link.left_ms(now) < -_PAUSE_MS:
            self._collect()
        self._store(now, self._quiet)

    def _collect(self):
        self._replies = self._link.replies
        gc.collect()

    def _is_sending(self):
        return self._link.left_ms(self._ticks_ms()) > _STEP_MS

    def _may_store(self):
        return self._link.left_ms(self._ticks_ms()) > _STORE_MS

    def _store(self, now, may):
        if self._failed_at is not None and elapsed(now, self._failed_at) < _RETRY_MS:
            return
        self._failed_at = None
        if self._module.due(now):
            try:
                self._module.persist(now, may)
            except OSError:
                self._module.health.store_failures += 1
                self._failed_at = now

    def _quiet(self):
        return self._link.quiet

    async def _supervise(self):
        while True:
            if self._watchdog and self._module.health.alive(self._ticks_ms()):
                self._watchdog.feed()
            await asyncio.sleep_ms(_SUPERVISE_MS)
