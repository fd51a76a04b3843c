# SPDX-License-Identifier: MIT
"""The boards there are: what a PC has to know of each beyond its board.py.

Sizes of the file system are those of the stock images of MicroPython 1.28: on the RP2 the end
of the flash, on the ESP32 all of the flash behind the first 2 MB.
"""

import importlib.util
from collections import namedtuple

from importgraph import ROOT

BOARDS = ROOT / "boards"
BLOCK = 4096

# title     what people call it
# image     the folder of MicroPython that its image is built from
# base      the bare board under a hat, else None
# blocks    of the file system, of 4096 octets
# offset    where in flash it begins
# progsize  what littlefs programs at once, as the port's own boot code says
# roles     what it can be
# front     the M-Bus side: "bare" where a transceiver is wired by hand, else what is fitted
Facts = namedtuple("Facts", "title image base blocks offset progsize roles front")

MODULE = ("module", "emulator")
BOTH = ("module", "emulator", "reader")
READER = ("reader",)

_RP2 = 256
_ESP32 = 32

FACTS = {
    "pico": Facts("Raspberry Pi Pico", "RPI_PICO", None, 352, 0x0A0000, _RP2, BOTH, "bare"),
    "pico_w": Facts("Raspberry Pi Pico W", "RPI_PICO_W", None, 212, 0x12C000, _RP2, BOTH, "bare"),
    "pico2": Facts("Raspberry Pi Pico 2", "RPI_PICO2", None, 768, 0x100000, _RP2, BOTH, "bare"),
    "esp32": Facts("ESP32", "ESP32_GENERIC", None, 512, 0x200000, _ESP32, BOTH, "bare"),
    "esp32s3": Facts("ESP32-S3", "ESP32_GENERIC_S3", None, 1536, 0x200000, _ESP32, BOTH, "bare"),
    "esp32c6": Facts("ESP32-C6", "ESP32_GENERIC_C6", None, 512, 0x200000, _ESP32, BOTH, "bare"),
}


def _on_pico(title, roles, front):
    return FACTS["pico"]._replace(title=title, base="pico", roles=roles, front=front)


FACTS["hwhardsoft_slave"] = _on_pico(
    "HWHardsoft Pico M-Bus slave hat", MODULE, "Pico M-Bus slave hat"
)
FACTS["hwhardsoft_master"] = _on_pico(
    "HWHardsoft Pico M-Bus master hat", READER, "Pico M-Bus master hat"
)
FACTS["packom_master"] = _on_pico("packom M-Bus Master Hat Pico", READER, "M-Bus Master Hat Pico")
FACTS["mikroe_slave_click"] = _on_pico(
    "MikroE M-Bus Slave Click on a Pico", MODULE, "M-Bus Slave Click"
)
FACTS["mikroe_master_click"] = _on_pico(
    "MikroE M-Bus Master Click on a Pico", READER, "M-Bus Master Click"
)


def load(name: str):
    """The board.py of a board as a module of its own."""
    spec = importlib.util.spec_from_file_location("board_" + name, BOARDS / name / "board.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
