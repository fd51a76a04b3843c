# SPDX-License-Identifier: MIT
"""The tasks of the module: serve the bus, and when it is quiet let the meter go on and store it.

All else is plain functions that return; this is the only asyncio there is.
"""

import asyncio
import gc

from mbus.timing import elapsed
from micropython import const

_LOOK_MS = const(20)  # how soon after its acknowledgement a change is stored
_TICK_MS = const(10_000)  # how long a line that is never quiet may hold up the meter
_RETRY_MS = const(10_000)  # storage that failed is not worn out by trying


class App:
    """The module on its port: ends with the OSError of a bus that was closed."""

    def __init__(self, link, module, ticks_ms):
        self._link = link
        self._module = module
        self._ticks_ms = ticks_ms
        self.store_failures = 0
        self._tasks = ()  # kept, for a task nobody holds may be collected

    def run(self):
        """Serve until the bus ends."""
        asyncio.run(self._main())

    async def _main(self):
        self._tasks = (asyncio.create_task(self._look_after()),)
        link, ticks_ms = self._link, self._ticks_ms
        while True:
            await asyncio.sleep_ms(link.poll(ticks_ms()))

    async def _look_after(self):
        link, module = self._link, self._module
        replies = 0
        ticked_at = failed_at = None
        while True:
            await asyncio.sleep_ms(_LOOK_MS)
            now = self._ticks_ms()
            # The meter goes on whatever the line does.
            if link.quiet or ticked_at is None or elapsed(now, ticked_at) >= _TICK_MS:
                module.tick(now)
                ticked_at = now
            if not link.quiet:
                continue
            if link.replies != replies:
                # The line is the master's after a reply: nobody waits for us now.
                replies = link.replies
                gc.collect()
            if failed_at is not None and elapsed(now, failed_at) < _RETRY_MS:
                continue
            failed_at = None
            if module.due(now):
                try:
                    module.persist(now)
                except OSError:
                    self.store_failures += 1
                    failed_at = now
