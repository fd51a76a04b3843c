# SPDX-License-Identifier: MIT
"""The tasks of the module: serve the bus, and store what has changed when the bus is quiet.

All else is plain functions that return; this is the only asyncio there is.
"""

import asyncio
import gc

from micropython import const

_LOOK_MS = const(20)  # how soon after its acknowledgement a change is stored
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
        self._tasks = (asyncio.create_task(self._persist()),)
        link, ticks_ms = self._link, self._ticks_ms
        while True:
            await asyncio.sleep_ms(link.poll(ticks_ms()))

    async def _persist(self):
        link, module = self._link, self._module
        replies = 0
        while True:
            await asyncio.sleep_ms(_LOOK_MS)
            if not link.quiet:
                continue
            if link.replies != replies:
                # The line is the master's after a reply: nobody waits for us now.
                replies = link.replies
                gc.collect()
            if module.dirty:
                try:
                    module.persist()
                except OSError:
                    self.store_failures += 1
                    await asyncio.sleep_ms(_RETRY_MS)
