# SPDX-License-Identifier: MIT
"""The emulated meter with a key behind wire.run(), without a line and without time."""

from binascii import unhexlify
from types import SimpleNamespace

from mbus.master import NONE, Master
from mbus.whole import parse
from mbusnode import keys, wire, writing
from mbusnode.counters import Ledger
from mbusnode.keychange import change
from mbusnode.partner import Partner
from securedmeter import Owner
from securedtelegrams import METER
from stations import text


class KeyedMeter:
    """An Owner (securedmeter.py) at address 5, driven by a master's procedures.

    lose   {number of a telegram, from 1: "request" or "reply"}, what does not arrive
    count  of the telegrams so far
    """

    def __init__(self, monkeypatch, level, key, **given):
        self.owner = Owner(level, key, breaker="yes", **given)
        self.lose = {}
        self.sent = []
        self.link = SimpleNamespace(master=Master(), baud=2400, idle_ms=25, bus_ms=0)
        monkeypatch.setattr(wire, "run", self.run)

    @property
    def count(self):
        return len(self.sent)

    def run(self, link, procedure):
        """wire.run() with this meter."""
        reply = None
        while True:
            try:
                size, wait = procedure.send(reply)
            except StopIteration as e:
                return e.value
            reply = None
            if size:
                self.sent.append(bytes(link.master.tx[:size]))
                reply = self._answer(self.sent[-1]) if wait != NONE else None

    def _answer(self, octets):
        lost = self.lose.get(self.count)
        if lost == "request":
            return None
        reply = self.owner.line.say(text(octets), wait=100)
        return parse(unhexlify(reply)) if reply and lost != "reply" else None

    def restart(self):
        """The supply of the meter has been away."""
        self.owner.start()

    def partner(self, path, address=5):
        """A program that begins: (Partner, Ledger), with the key file at path."""
        ledger = Ledger(path)
        self.link.master = Master()
        return Partner(self.link, address, keys.load(path), ledger), ledger


def same(one, other):
    """Whether two Keys are the same."""
    blocks = bytearray(16), bytearray(16)
    one.encrypt_block(blocks[0])
    other.encrypt_block(blocks[1])
    return blocks[0] == blocks[1]


def change_once(meter, path):
    """A program that changes the key."""
    one, ledger = meter.partner(path)
    with ledger:
        change(one, "5")


def written_once(meter, path, value, address=5):
    """A program that writes a register."""
    one, ledger = meter.partner(path, address)
    with ledger:
        writing.carry_out(one, str(address), writing.order("special_1", value))


def right(meter, path):
    """Assert that the key file has just the key of the meter, and nothing is open."""
    found = keys.load(path).find(METER)
    assert found.pending is None
    assert same(found.key, meter.owner.module.keyring.key)

    return found.key
