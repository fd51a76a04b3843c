# SPDX-License-Identifier: MIT
"""The breaker as a state machine of the COSEM disconnect model, without its relay.

Control 0 is disconnected, 1 connected, 2 ready to be connected by hand.  The output follows
what is wanted after the time the relay takes, or as its feedback contact tells.
"""

from struct import calcsize, pack, unpack

from micropython import const

from .refusal import NOT_POSSIBLE, OUT_OF_RANGE
from .ticks import elapsed

DISCONNECTED = 0
CONNECTED = 1
READY = 2

_FAULT_FACTOR = const(5)  # relay times that the contact may take to follow
_FORMAT = "<BB"


class Breaker:
    """A breaker that is closed.

    remote   whether a command alone may connect; its relay moves within relay_ms, and may
             have to wait for wait_ms before
    control  as above
    closed   the output, 0 or 1
    changes  how often the output has changed
    fault    the contact has not followed what is wanted
    """

    def __init__(self, remote: bool, relay_ms: int = 200, wait_ms: int = 0):
        self.remote = remote
        self._relay_ms = relay_ms
        self._limit_ms = wait_ms + relay_ms * _FAULT_FACTOR
        self.control = CONNECTED
        self.closed = 1
        self.changes = 0
        self.fault = False
        self._since = 0
        self._moving = False

    @property
    def wanted(self) -> int:
        """What the relay is to be: 1 closed."""
        return 1 if self.control == CONNECTED else 0

    def command(self, control: int, now: int, inhibited: bool = False) -> int:
        """Disconnect, connect or release for connection by hand: 0 or an application error.

        inhibited: there is a reason not to connect, such as no credit.
        """
        if control == DISCONNECTED:
            return self._become(DISCONNECTED, now)
        if not CONNECTED <= control <= READY:
            return OUT_OF_RANGE
        if self.control == CONNECTED:
            return 0 if control == CONNECTED else NOT_POSSIBLE
        if inhibited:
            return NOT_POSSIBLE
        return self._become(control if self.remote else READY, now)

    def trip(self, now: int):
        """Open for the meter's own reasons."""
        self._become(DISCONNECTED, now)

    def button(self, now: int, inhibited: bool = False) -> bool:
        """The button was pressed: True if that connects, which it does when released for it."""
        if self.control != READY or inhibited:
            return False
        self._become(CONNECTED, now)
        return True

    def _become(self, control, now):
        before = self.wanted
        self.control = control
        if self.wanted != before:
            self._since = now
            self._moving = True
        return 0

    def tick(self, now: int, feedback=None):
        """Time goes on; feedback is the state of the contact, 0 or 1, if there is one."""
        moving_ms = elapsed(now, self._since)
        if feedback is None:
            self.fault = False
            if self._moving and moving_ms >= self._relay_ms:
                self._moving = False
                self._move(self.wanted)
            return
        self._move(feedback)
        if feedback == self.wanted:
            self._moving = self.fault = False
        elif not self._moving:
            # It moved without being told to.
            self._since = now
            self._moving = True
        elif moving_ms >= self._limit_ms:
            self.fault = True

    def _move(self, closed):
        if closed != self.closed:
            self.closed = closed
            self.changes += 1

    def dump(self) -> bytes:
        """What outlives a power gap: a bistable relay stays where it is."""
        return pack(_FORMAT, self.control, self.closed)

    def load(self, octets):
        """Take over what dump() gave, with no pulse for it; ValueError if it is unsound."""
        if len(octets) != calcsize(_FORMAT):
            raise ValueError("breaker: %d octets" % len(octets))
        control, closed = unpack(_FORMAT, octets)
        if control > READY or closed > 1:
            raise ValueError("breaker: control %d, output %d" % (control, closed))
        self.control, self.closed = control, closed
        self._moving = self.wanted != closed
