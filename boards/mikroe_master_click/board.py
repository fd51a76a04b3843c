# SPDX-License-Identifier: MIT
"""Pico with the M-Bus Master Click of MikroE: a reader."""

PORT = "rp2"
CHIP = "rp2040"
# The bus is the UART below; changes and counts are kept in a folder of the flash.
CONFIG = {"bus": "uart", "state": "state"}
# GPIO numbers, as firmware/port/wiring.py names them.
PINS = {
    "uart": 1,
    "tx": 4,
    "rx": 5,
}
