# SPDX-License-Identifier: MIT
"""A fake chip for a test, with its UART 1 on a line and a peer there where it is wanted."""

from fakechip.chip import Chip
from fakechip.line import Line, Peer


class Bench:
    """A context manager; options are those of machine.UART."""

    def __init__(self, variant, baud, echo=False, **options):
        self.chip = Chip(variant)
        self.chip.install()
        import machine

        self.machine = machine
        self.line = Line(self.chip.clock)
        self.wire = self.chip.wire_uart(self.line, tx=4, rx=5, echo=echo)
        self.peer = Peer(self.line, baud)
        self.uart = machine.UART(1, baud, 8, 0, 1, tx=4, rx=5, **options)
        self.serial = self.chip.serial(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.chip.uninstall()

    def all(self):
        return self.uart.read(self.uart.any()) or b""


def char_us(baud):
    """How long a character takes."""
    return 11000000 // baud


def on_chip(variant, test):
    """Call test(chip, machine) while that chip is installed."""
    chip = Chip(variant)
    chip.install()
    try:
        import machine

        test(chip, machine)
    finally:
        chip.uninstall()
