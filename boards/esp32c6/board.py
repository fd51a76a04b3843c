# SPDX-License-Identifier: MIT
"""ESP32-C6 boards with 4 MB of flash; one pin is missing for power_good."""

PORT = "esp32"
CHIP = "esp32c6"
# The bus is the UART below; changes and counts are kept in a folder of the flash.
CONFIG = {"bus": "uart", "state": "state"}
# GPIO numbers, as firmware/port/wiring.py names them.
PINS = {
    "uart": 1,
    "tx": 18,
    "rx": 19,
    "pulse1": 0,
    "pulse2": 1,
    "tariff": 2,
    "coil_on": 20,
    "coil_off": 21,
    "feedback": 3,
    "button": 22,
    "lock": 23,
    "i2c": 0,
    "sda": 6,
    "scl": 7,
}
