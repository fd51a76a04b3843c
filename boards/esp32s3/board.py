# SPDX-License-Identifier: MIT
"""ESP32-S3-DevKitC-1 with 8 MB of flash."""

PORT = "esp32"
CHIP = "esp32s3"
# The bus is the UART below; changes and counts are kept in a folder of the flash.
CONFIG = {"bus": "uart", "state": "state"}
# GPIO numbers, as firmware/port/wiring.py names them.
PINS = {
    "uart": 1,
    "tx": 17,
    "rx": 18,
    "pulse1": 4,
    "pulse2": 5,
    "tariff": 6,
    "coil_on": 15,
    "coil_off": 16,
    "feedback": 7,
    "button": 10,
    "lock": 11,
    "power_good": 12,
    "i2c": 0,
    "sda": 8,
    "scl": 9,
}
