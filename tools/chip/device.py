# SPDX-License-Identifier: MIT
"""Our module on an emulated Pico, installed as `make dist` makes it, with its world around it."""

import random
import tempfile
from pathlib import Path

import boardfacts
import dist
from mbusnode.configuring import compiled, load

from . import stack
from .board import Pico, flash_of
from .bus import Bus
from .pins import Contact, Mains, Relay

BOARD = "pico"
# A meter of two telegrams, counted at input 1: a pulse is 10 Wh, as fine as they tell it.
PULSE_WH = 10
SETTINGS = {
    "identification": "12345678",
    "primary": 5,
    "source": "pulse1",
    "pulse1_unit": "kWh",
    "pulse1_weight": 1000 // PULSE_WH,
    "pulse2_unit": "m3",
    "tariff_source": "input",
    "breaker": "yes",
}
_BOUNCE_US = 5000
_ALIVE = b"alive "


def module_files(settings=SETTINGS) -> dict:
    """What a module with these settings has in place of what dist.py makes: {path: octets}."""
    given, _ = load(str(boardfacts.BOARDS / BOARD / "meter.toml"))
    given.update(settings)
    return {"meter.conf": compiled(given)}


def flash(uf2, files: dict, role: str = "module") -> bytes:
    """A whole flash: MicroPython, and the firmware in a role, with these files."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder) / BOARD
        dist.fill(BOARD, role, folder)
        for path, octets in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(octets)
        disk = dist.image(folder, boardfacts.FACTS[BOARD])[0]
    return flash_of(uf2, disk, boardfacts.FACTS[BOARD].offset)


class Device:
    """A board with this in its flash: pico, transceiver, bus, two pulses, mains, relay."""

    def __init__(self, image: bytes, baud: int = 2400, seed: int = 1):
        self.pico = pico = Pico(image)
        self._pins = pins = boardfacts.load(BOARD).PINS
        uart = pico.uart[pins["uart"]]
        self.transceiver = pico.join(pins["uart"], pins["tx"], pins["rx"])
        self.bus = Bus(pico, self.transceiver, uart, baud)
        chance = random.Random(seed)
        self.pulses = [
            Contact(self._pin(name), pico.scheduler, chance, _BOUNCE_US)
            for name in ("pulse1", "pulse2")
        ]
        self.mains = Mains(self._pin("tariff"), pico.scheduler)
        coils = self._pin("coil_on"), self._pin("coil_off")
        self.relay = Relay(*coils, self._pin("feedback"), pico.scheduler)

    def _pin(self, name):
        return self.pico.pin(self._pins[name])

    def boot(self, timeout_us: float = 20e6) -> str:
        """Switch on, and wait until the module says that it is alive; its line."""
        self.pico.boot()
        return self.alive(timeout_us)

    def alive(self, timeout_us: float = 20e6, begin: int = 0) -> str:
        """Wait until the module says that it is alive, in what is printed from there on."""
        console = self.pico.console
        at = console.wait_for(_ALIVE, begin, timeout_us)
        end = console.wait_for(b"\n", at, timeout_us)
        stack.fill(self.pico.rp2040)
        return bytes(console.output[at:end]).decode().strip()

    def cut_power(self, seed: int = 1):
        """The supply fails now; the device that comes up later, still off."""
        return Device(self.pico.flash_times.cut(seed), self.bus.peer.baud, seed)
