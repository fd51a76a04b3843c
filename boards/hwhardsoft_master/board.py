# SPDX-License-Identifier: MIT
"""Pico with the M-Bus master hat of HWHardsoft: a reader."""

PORT = "rp2"
CHIP = "rp2040"
# The bus is the UART below; changes and counts are kept in a folder of the flash.
CONFIG = {"bus": "uart", "state": "state"}
# GPIO numbers, as firmware/port/wiring.py names them.
PINS = {
    "uart": 0,
    "tx": 0,
    "rx": 1,
}
