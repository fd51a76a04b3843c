# SPDX-License-Identifier: MIT
"""ESP32 boards with 4 MB of flash, such as the DevKitC with a WROOM or WROVER module."""

PORT = "esp32"
CHIP = "esp32"
# The bus is the UART below; changes and counts are kept in a folder of the flash.
CONFIG = {"bus": "uart", "state": "state"}
# GPIO numbers, as firmware/port/wiring.py names them.
PINS = {
    "uart": 2,
    "tx": 25,
    "rx": 26,
    "pulse1": 32,
    "pulse2": 33,
    "tariff": 27,
    "coil_on": 18,
    "coil_off": 19,
    "feedback": 13,
    "button": 23,
    "lock": 4,
    "power_good": 14,
    "i2c": 0,
    "sda": 21,
    "scl": 22,
}
