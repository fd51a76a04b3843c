# SPDX-License-Identifier: MIT
"""Raspberry Pi Pico 2, wired as a Pico."""

PORT = "rp2"
CHIP = "rp2350"
# The bus is the UART below; changes and counts are kept in a folder of the flash.
CONFIG = {"bus": "uart", "state": "state"}
# GPIO numbers, as firmware/port/wiring.py names them.
PINS = {
    "uart": 1,
    "tx": 4,
    "rx": 5,
    "pulse1": 10,
    "pulse2": 11,
    "tariff": 12,
    "coil_on": 14,
    "coil_off": 15,
    "feedback": 13,
    "button": 16,
    "lock": 17,
    "power_good": 18,
    "i2c": 0,
    "sda": 20,
    "scl": 21,
}
