# SPDX-License-Identifier: MIT
"""A whole device: the firmware's own start, port and tasks on a fake chip with its world.

    device = Device("rp2", {"source": "pulses", ...}, fram=True)
    device.pulses[0].train(...); device.mains.set(True); device.relay.closed
    device.chip.clock.spawn(device.master.reading(...))
    device.run(seconds)                 installs the chip, boots the firmware, takes it out again

Storage is FlashSlots in the place of the files of a littlefs: device.slots stalls as flash does.
"""

from .chip import Chip
from .flash import FlashSlots
from .line import Line
from .master import Master
from .modules import Module
from .outside import Mains, Pulses, Relay, Steady

# As a board might have them; both chips take these.
PINS = {
    "uart": 1, "tx": 4, "rx": 5, "pulse1": 15, "pulse2": 16, "tariff": 14, "coil_on": 12,
    "coil_off": 13, "feedback": 17, "button": 18, "lock": 19, "i2c": 0, "sda": 8, "scl": 9,
}  # fmt: skip


class Device:
    """port, app, link and module are those of the last start that came so far."""

    def __init__(self, variant="rp2", config=(), baud=2400, seed=1, bounce_us=5000, fram=False):
        self.chip = chip = Chip(variant, seed)
        chip.use_programs() if variant == "rp2" else None
        self.config = dict(config)
        self.config.setdefault("bus", "uart")
        self.config.setdefault("state", "state")
        chip.board = Module()
        chip.board.PORT = variant
        chip.board.CONFIG = self.config
        chip.board.PINS = dict(PINS)
        self.slots = FlashSlots(chip)
        self.line = Line(chip.clock)
        self.wire = chip.wire_uart(self.line, PINS["tx"], PINS["rx"])
        self.master = Master(self.line, baud)
        # An ESP32 wants a filter before its counters: what bounces does not reach the pad.
        bounce_us = bounce_us if variant == "rp2" else 0
        self.pulses = [chip.pad(PINS[n]).attach(Pulses(bounce_us)) for n in ("pulse1", "pulse2")]
        pad = chip.pad(PINS["tariff"])
        self.mains = pad.attach(Mains(pad))
        coils = chip.pad(PINS["coil_on"]), chip.pad(PINS["coil_off"])
        self.relay = Relay(coils[0], coils[1], chip.pad(PINS["feedback"]))
        self.button, self.lock = [self._contact(name) for name in ("button", "lock")]
        if fram:
            from .i2c import Fram

            chip.i2c_devices[0x50] = Fram()
        self.port = self.app = self.link = self.module = None
        self.codes = []  # what the program has returned

    def _contact(self, name):
        pad = self.chip.pad(PINS[name])
        return pad.attach(Steady(pad))

    def firmware(self):
        """What main.py does."""
        from node import boot

        self.port = getattr(__import__("port." + self.chip.variant), self.chip.variant)
        self.port.store = lambda where: self.slots
        made = boot.App

        def keep(link, module, *others):
            self.link, self.module = link, module
            self.app = made(link, module, *others)
            return self.app

        boot.App = keep
        self.codes.append(boot.main([]))

    def run(self, seconds, cause="power"):
        """From a reset of this cause on."""
        self.chip.install()
        try:
            self.chip.boot(self.firmware, seconds, cause)
        finally:
            self.chip.uninstall()
