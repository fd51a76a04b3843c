# SPDX-License-Identifier: MIT
"""A serial line as levels in time, receivers that sample it, and peers that talk on it.

A level of 1 is mark, the idle one.  Several drivers share a line, and space wins: so octets
that collide come out as they do on a bus.
"""

EVEN, ODD = 0, 1  # as MicroPython numbers them; None is no parity


class Line:
    """The level that its drivers make; listeners are called with it at each change."""

    def __init__(self):
        self.level = 1
        self.listeners = []
        self._levels = {}

    def set(self, driver, level: int):
        """What this driver wants of the line from now on."""
        self._levels[driver] = level
        new = 0 if 0 in self._levels.values() else 1
        if new != self.level:
            self.level = new
            for listener in list(self.listeners):
                listener(new)


def character(octet: int, bits: int = 8, parity=EVEN, stop: int = 1) -> list:
    """The levels of a character: start bit, data from the lowest bit on, parity, stop bits."""
    data = [octet >> i & 1 for i in range(bits)]
    checked = [] if parity is None else [sum(data) + parity & 1]
    return [0, *data, *checked, *[1] * stop]


class Sampler:
    """Takes characters off a line as a UART does: at the middle of each bit after a start bit.

    form() -> (ns of a bit, data bits, parity), or None where nothing listens.
    heard(octet, errors, from_us, to_us) is told of each; errors has the letters P (parity), F
    (no stop bit) and B (break, which is an F too), and to_us is the middle of the stop bit.
    """

    def __init__(self, scheduler, line, form, heard):
        self._scheduler, self._line, self._form, self._heard = scheduler, line, form, heard
        self._busy = False
        line.listeners.append(self._edge)

    def _edge(self, level):
        if level or self._busy:
            return
        form = self._form()
        if form is None:
            return
        self._busy = True
        self._bit, self._bits, self._parity = form
        self._begin = self._scheduler.now_ns
        self._got = []
        self._scheduler.at_ns(self._begin + self._bit * 0.5, self._start)

    def _start(self):
        if self._line.level:
            self._busy = False  # shorter than half a bit
        else:
            self._scheduler.at_ns(self._begin + self._bit * 1.5, self._sample)

    def _sample(self):
        got = self._got
        got.append(self._line.level)
        if len(got) < self._bits + (self._parity is not None) + 1:
            self._scheduler.at_ns(self._begin + self._bit * (1.5 + len(got)), self._sample)
            return
        octet = sum(bit << i for i, bit in enumerate(got[: self._bits]))
        if self._line.level:
            self._busy = False
        else:
            self._line.listeners.append(self._wait_for_mark)
        end = self._scheduler.now_us
        self._heard(octet, self._errors(), self._begin / 1e3, end)

    def _errors(self):
        got = self._got
        if not any(got):
            return "BF"
        framing = "" if got[-1] else "F"
        wrong = self._parity is not None and sum(got[:-1]) & 1 != self._parity
        return framing + ("P" if wrong else "")

    def _wait_for_mark(self, level):
        if level:
            self._line.listeners.remove(self._wait_for_mark)
            self._busy = False


class Peer:
    """Somebody at the other end: sends on one line and hears another.

    heard holds (octet, errors, from_us, to_us) of each character; on_heard is called with them.
    """

    def __init__(self, scheduler, sends, hears, baud: int = 2400, parity=EVEN):
        self._scheduler, self._line = scheduler, sends
        self.baud, self.parity = baud, parity
        self.heard = []
        self.on_heard = None
        self._until_ns = 0.0
        Sampler(scheduler, hears, lambda: (1e9 / self.baud, 8, self.parity), self._hear)

    def _hear(self, octet, errors, begin, _middle):
        end = begin + self.character_us
        self.heard.append((octet, errors, begin, end))
        if self.on_heard:
            self.on_heard(octet, errors, begin, end)

    @property
    def character_us(self) -> float:
        """How long one lasts."""
        return (10 + (self.parity is not None)) * 1e6 / self.baud

    @property
    def octets(self) -> bytes:
        """What was heard, sound or not."""
        return bytes(row[0] for row in self.heard)

    @property
    def until_us(self) -> float:
        """When the last character that was sent ends."""
        return self._until_ns / 1e3

    def send(self, octets, at_us: float = 0, wrong_parity=(), gap_us: float = 0) -> tuple:
        """Send from then on, or when what was sent before is over; (begin, end) in us.

        wrong_parity holds indices of octets whose parity bit is wrong; gap_us lies between two.
        """
        bit = 1e9 / self.baud
        begin = at = max(self._scheduler.now_ns, self._until_ns, at_us * 1e3)
        changes = []
        for index, octet in enumerate(octets):
            levels = character(octet, parity=self.parity)
            if index in wrong_parity:
                levels[9] ^= 1
            changes += [(at + i * bit, level) for i, level in enumerate(levels)]
            self._until_ns = at + len(levels) * bit
            at = self._until_ns + gap_us * 1e3
        self._play(iter(changes))
        return begin / 1e3, self._until_ns / 1e3

    def _play(self, changes):
        """One after the other, so that a long telegram does not fill the heap of events."""
        change = next(changes, None)
        if change:

            def go_on():
                self._line.set(self, change[1])
                self._play(changes)

            self._scheduler.at_ns(change[0], go_on)

    def hold_break(self, us: float):
        """Space on the line for so long."""
        self._line.set(self, 0)
        self._scheduler.after(us, lambda: self._line.set(self, 1))
