# SPDX-License-Identifier: MIT
"""How a chip's processor spends its time: interrupts, the queue of soft ones, stalls.

Firmware runs in no time but for what it waits and what its calls are charged; interrupts
come between.  While they are off, and in hard handlers, the heap is locked: what allocates
there fails.  (CPython has no such lock; there only the order of things is the same.)
"""

from micropython import heap_lock, heap_unlock

from .clock import Misuse

_QUEUE = 8  # MICROPY_SCHEDULER_DEPTH
MAIN, SOFT, HARD = 0, 1, 2
CALL_US = 10  # what a call of a method of the chip takes, about


class Core:
    """dropped counts soft interrupts lost to a full queue; masked > 0: interrupts are off."""

    def __init__(self, clock):
        self.clock = clock
        self.context = MAIN
        self.masked = self.blocked = self.locks = 0
        self.dropped = 0
        self._pending = []
        self._functions = [None] * _QUEUE
        self._arguments = [None] * _QUEUE
        self._first = self._n = 0

    # The heap

    def lock(self):
        self.locks += 1
        heap_lock()

    def unlock(self):
        self.locks -= 1
        heap_unlock()

    def open_heap(self):
        """What the emulation itself does may allocate; close_heap(what this returned) ends it."""
        n = self.locks
        for _ in range(n):
            heap_unlock()
        return n

    def close_heap(self, n):
        for _ in range(n):
            heap_lock()

    # Interrupts

    def interrupt(self, source):
        """source.service() now, or once when interrupts are on again."""
        if not self.masked:
            source.service()
        elif source not in self._pending:
            self._pending.append(source)

    def mask(self):
        self.masked += 1

    def unmask(self):
        self.masked -= 1
        if not self.masked:
            pending, self._pending = self._pending, []
            for source in pending:
                source.service()
            self.run_soft()

    def handle(self, hard, handler, arg):
        """Call a handler of the firmware as a hard interrupt, or queue it as a soft one."""
        if not handler:
            return
        if not hard:
            self.schedule(handler, arg)
            return
        before = self.context
        self.context = HARD
        self.lock()
        allocates = False
        try:
            handler(arg)
        except MemoryError:
            allocates = True
        finally:
            self.unlock()
            self.context = before
        if allocates:
            raise Misuse("an interrupt handler allocates")

    def _refuse(self, what):
        """Nothing takes time in a hard interrupt."""
        if self.context == HARD:
            n = self.open_heap()
            e = Misuse("an interrupt handler " + what)
            self.close_heap(n)
            raise e

    def _pass(self, us):
        n = self.open_heap()
        self.clock.run_until(self.clock.now + us)
        self.close_heap(n)

    def schedule(self, function, arg):
        """Whether there was room in the queue; it is called when Python code runs again."""
        if self._n == _QUEUE:
            self.dropped += 1
            return False
        at = (self._first + self._n) % _QUEUE
        self._functions[at] = function
        self._arguments[at] = arg
        self._n += 1
        if self.context == MAIN:
            self.run_soft()
        return True

    def run_soft(self):
        if self.context or self.blocked or self.masked:
            return
        self.context = SOFT
        try:
            while self._n:
                at = self._first
                self._first = (at + 1) % _QUEUE
                self._n -= 1
                self._functions[at](self._arguments[at])
        finally:
            self.context = MAIN

    # Time

    def spend(self, us=CALL_US):
        """A call takes its time; in a handler none, which may itself be called from one."""
        if self.context == MAIN and not self.locks:
            self.clock.run_until(self.clock.now + us)
            if self._n:
                self.run_soft()

    def sleep(self, us):
        """Python waits: all interrupts come."""
        if self.context == HARD or self.locks:
            self._refuse("waits")
            self._pass(us)
        else:
            self.clock.run_until(self.clock.now + us)
        if self._n:
            self.run_soft()

    def collect(self, us):
        """Python is busy by itself, as in a garbage collection: soft interrupts queue up."""
        self.blocked += 1
        self._pass(us)
        self.blocked -= 1
        self.run_soft()

    def stall(self, us):
        """The flash is busy: neither Python nor any interrupt runs."""
        self._refuse("writes to flash")
        self.blocked += 1
        self.mask()
        self._pass(us)
        self.blocked -= 1
        self.unmask()

    def forget(self):
        """A reset: nothing is pending, nothing is locked."""
        while self.locks:
            self.unlock()
        self._pending = []
        self._first = self._n = 0
        self.context = MAIN
        self.masked = self.blocked = 0
