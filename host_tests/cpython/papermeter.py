# SPDX-License-Identifier: MIT
"""A meter of paper: its registers are a table, its line loses what it is told to lose.

In place of wire.run() it drives a master's procedures without a line and without time.
"""

from types import SimpleNamespace

from mbus import frame
from mbus.header import secondary_octets
from mbus.master import NONE, Master
from mbus.whole import parse
from mbusnode import asking, registernames
from node.syntax import is_request

HERE = secondary_octets("123456780D170102")


class PaperMeter:
    """values: {name: data octets}; orders: the records written; error: what it answers them.

    lose  how many acknowledgements of orders do not arrive (the orders do)
    obey  called with each order
    """

    def __init__(self, **values):
        self.values = dict(values)
        self.orders = []
        self.sent = []
        self.error = 0
        self.tells_error = True
        self.lose = 0
        self.primary = 5
        self.identification = HERE
        self.now = 0
        self.asked = []
        self.obey = lambda order: None
        self._last = None
        rows = registernames.of().rows.values()
        self._requests = {asking.request(row): row for row in rows if asking.is_readable(row)}
        event = registernames.register("event")
        self._requests[asking.everything_of(event)] = event
        self.link = SimpleNamespace(master=Master(), baud=2400, idle_ms=25, bus_ms=0)

    def run(self, _link, procedure):
        """wire.run() with this meter."""
        reply = None
        while True:
            try:
                size, wait = procedure.send(reply)
            except StopIteration as e:
                return e.value
            reply = None
            if not size:
                self.sent.append("%d ms" % wait)
            else:
                octets = bytes(self.link.master.tx[:size])
                self.sent.append(octets.hex(" ").upper())
                reply = self._answer(parse(octets)) if wait != NONE else None

    def _answer(self, got):
        if got.ci == 0x52:
            pattern = got.data[:4].hex()
            own = self.identification[:4].hex()
            same = all(a in ("f", b) for a, b in zip(pattern, own, strict=True))
            return parse(b"\xe5") if same else None
        if got.a not in (self.primary, 253, 254):
            return None
        if got.ci is None and got.c & 0x0F == 0x0B:
            return self._data()
        if got.ci == 0x51 and self._command(got):
            return None
        return parse(b"\xe5")

    def _command(self, got):
        """True where the acknowledgement is lost."""
        if is_request(got.data, 0, len(got.data)):
            withdrawn = got.data[-1] == 0x0D
            self.asked = [r for r in self._requests if r in got.data and not withdrawn]
            return False
        if got != self._last:  # else a repetition
            self.orders.append(got.data.hex(" ").upper())
            if not self.error:
                self.obey(got.data)
        self._last = got
        self.lose -= 1
        return self.lose >= 0

    def _data(self):
        body = self.identification + bytes(4)
        for record in self.asked:
            register = self._requests[record]
            if register.name == "last_error":
                if not self.tells_error:
                    continue
                body += register.dib + register.vib + bytes((self.error,))
            elif register.name in self.values:
                body += register.dib + register.vib + self.values[register.name]
        tx = memoryview(bytearray(frame.MAX_FRAME))
        tx[frame.DATA : frame.DATA + len(body)] = body
        return parse(bytes(tx[: frame.seal(tx, 0x08, self.primary, 0x72, len(body))]))
