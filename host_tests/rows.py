# SPDX-License-Identifier: MIT
"""The register table and a snapshot of chosen values, for tests without a meter."""

from binascii import hexlify, unhexlify

from node.readout import Readout, Telegram
from node.registers import EVENT, of
from node.syntax import request_head
from node.telegrams import Pool, Telegrams


class Chosen:
    """A snapshot with values by name; a pair (name, storage) for what is stored."""

    def __init__(self, registers, **values):
        self.registers = registers
        self.values = values
        self.names = registers.names()

    def take(self):
        """They do not change."""

    def get(self, row, storage):
        name = self.names[row]
        if storage or self.registers.flags(row) & EVENT:
            return self.values.get("%s_%d" % (name, storage))
        return self.values.get(name)


class Bench:
    """A readout over chosen values."""

    def __init__(self, telegrams=2, wide=False, legacy=False, **values):
        self.registers = of(wide, legacy)
        self.names = self.registers.names()
        self.snapshot = Chosen(self.registers, **values)
        self.readout = Readout(self.registers, telegrams)
        self.failed = False

    def ask(self, *requests):
        """Add requests, heads in hexadecimal, to the list; "-" in front takes one out."""
        for request in requests:
            octets = unhexlify(request.lstrip("-"))
            if request[0] == "-":
                self.readout.list.delete(octets)
            else:
                dib_size = request_head(octets, 0, len(octets))[0]
                assert self.readout.list.add(octets, dib_size)
        return self

    def read(self, limit=234):
        """The records of one sequence, a text of hexadecimal octets for each telegram."""
        self.readout.room = limit
        sequence = Telegrams(self.readout, Pool(lambda: Telegram(self.snapshot)))
        sequence.begin()
        self.failed = sequence.failed
        telegrams = []
        while not telegrams or not sequence.is_last(len(telegrams) - 1):
            buf = bytearray(limit)
            end = sequence.put(len(telegrams), buf, 0)
            telegrams.append(hexlify(bytes(buf[:end])).decode().upper())
            assert len(telegrams) < 100
        return telegrams

    def answer(self, *requests):
        """The records that a fresh list of these requests is answered with."""
        self.readout.list.clear()
        self.ask(*requests)
        return " ".join(self.read())
