# SPDX-License-Identifier: MIT
"""What a program waits with on the board of rawrepl.py, where Ctrl-C is seen meanwhile."""

import select
import sys
import time

wait_for = select.poll()
wait_for.register(sys.stdin, select.POLLIN)


class Typed:
    """What was typed and is not read yet; Ctrl-C is seen where a program waits."""

    waiting = b""
    interrupt = 3  # the octet of Ctrl-C, -1 where it is none

    @classmethod
    def take(cls, ms):
        """One octet, if one comes in that time."""
        if wait_for.poll(ms):
            octet = sys.stdin.buffer.read(1)
            if not octet:
                sys.exit(0)
            return octet
        return b""

    @classmethod
    def listen(cls, ms):
        """Wait so long at most; KeyboardInterrupt."""
        octet = cls.take(ms)
        if octet and octet[0] == cls.interrupt:
            raise KeyboardInterrupt
        cls.waiting += octet


class Time:
    """time of this board."""

    def __getattr__(self, name):
        return getattr(time, name)

    def sleep(self, s):
        self.sleep_ms(int(s * 1000))

    def sleep_ms(self, ms):
        end = time.ticks_add(time.ticks_ms(), ms)
        while (left := time.ticks_diff(end, time.ticks_ms())) > 0:
            Typed.listen(left)


class Poll:
    """What select.poll() of this board makes; asyncio waits there."""

    def __init__(self):
        self.poll = select.poll()

    def __getattr__(self, name):
        return getattr(self.poll, name)

    def ipoll(self, ms=-1):
        end = time.ticks_add(time.ticks_ms(), ms)
        while True:
            Typed.listen(0)
            if found := self.poll.poll(0):
                return found
            if ms >= 0 and time.ticks_diff(end, time.ticks_ms()) <= 0:
                return ()
            Typed.listen(1)


class Select:
    """select of this board."""

    poll = Poll
    POLLIN, POLLOUT, POLLERR, POLLHUP = 1, 4, 8, 16
