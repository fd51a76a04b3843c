# SPDX-License-Identifier: MIT
"""For CPython: as much of MicroPython's asyncio as firmware uses, in virtual time."""

import heapq

from .looping import readable, wait


class CancelledError(BaseException):
    """In a task that cancel() was called for."""


class _Wait:
    """What a task yields: until a time in ms, for a stream, or for somebody to wake it."""

    def __init__(self, until=None, stream=None, task=None):
        self.until = until
        self.stream = stream
        self.task = task

    def __await__(self):
        yield self


class Task:
    """done() tells whether it has ended; an exception ends the loop as well."""

    def __init__(self, coroutine):
        self.coroutine = coroutine
        self.cancelled = False
        self.ended = False
        self.result = None
        self.waiters = []

    def done(self):
        return self.ended

    def __await__(self):
        if not self.ended:
            yield _Wait(task=self)
        return self.result

    def cancel(self):
        self.cancelled = True
        return not self.ended


class Event:
    """As asyncio's."""

    def __init__(self):
        self._set = False

    def set(self):
        self._set = True

    def clear(self):
        self._set = False

    def is_set(self):
        return self._set

    def _poll(self):
        return self._set

    async def wait(self):
        if not self._set:
            await _Wait(stream=self)


class ThreadSafeFlag(Event):
    """Cleared by whoever has waited for it."""

    async def wait(self):
        await super().wait()
        self._set = False


class StreamReader:
    """Waits for the first octet; more than one blocks the loop, as on the chip."""

    def __init__(self, stream, e=None):
        self.s = stream

    async def read(self, n=-1):
        await _Wait(stream=self.s)
        return self.s.read(n)

    async def readinto(self, buf):
        await _Wait(stream=self.s)
        return self.s.readinto(buf)


class Asyncio:
    """Stands in sys.modules."""

    CancelledError = CancelledError
    Event, ThreadSafeFlag = Event, ThreadSafeFlag
    StreamReader = StreamWriter = StreamReader

    def __init__(self, chip):
        self._chip = chip
        self._ready, self._waiting = [], []
        self._count = 0

    def _ms(self):
        return self._chip.clock.now // 1000

    def _push(self, at, task):
        self._count += 1
        heapq.heappush(self._ready, (at, self._count, task))

    def create_task(self, coroutine):
        task = Task(coroutine)
        self._push(self._ms(), task)
        return task

    def sleep_ms(self, ms):
        return _Wait(self._ms() + max(0, ms))

    def sleep(self, seconds):
        return self.sleep_ms(int(seconds * 1000))

    async def gather(self, *tasks):
        """What fails in one ends the loop, and with it all of them."""
        return [await task for task in tasks]

    def run(self, coroutine):
        """Run until this one ends; returns what it returns."""
        self._ready, self._waiting = [], []
        main = self.create_task(coroutine)
        try:
            while True:
                now = self._ms()
                due = self._ready[0][0] if self._ready else None
                if due is None or due > now or self._waiting:
                    ms = -1 if due is None else max(0, due - now)
                    wait(self._chip, ms, self._wake if self._waiting else None)
                if self._ready and self._ready[0][0] <= self._ms():
                    task = heapq.heappop(self._ready)[2]
                    ended, result = self._step(task)
                    if ended and task is main:
                        return result
        finally:
            for _, _, task in self._ready:
                task.coroutine.close()
            for task, _ in self._waiting:
                task.coroutine.close()

    def _wake(self):
        woken = [w for w in self._waiting if readable(w[1])]
        for entry in woken:
            self._waiting.remove(entry)
            self._push(self._ms(), entry[0])
        return woken

    def _step(self, task):
        try:
            if task.cancelled:
                task.cancelled = False
                what = task.coroutine.throw(CancelledError())
            else:
                what = task.coroutine.send(None)
        except StopIteration as e:
            return self._ended(task, e.value)
        except CancelledError:
            return self._ended(task, None)
        if what.task:
            what.task.waiters.append(task)
        elif what.stream:
            self._waiting.append((task, what.stream))
        else:
            self._push(what.until, task)
        return False, None

    def _ended(self, task, result):
        task.ended, task.result = True, result
        for waiter in task.waiters:
            self._push(self._ms(), waiter)
        return True, result
