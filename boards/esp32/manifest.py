# SPDX-License-Identifier: MIT
"""Frozen build of MicroPython's ports/esp32: BOARD=ESP32_GENERIC FROZEN_MANIFEST=this file."""

# The port's own manifest but for its _boot.py and inisetup.py.
freeze("$(PORT_DIR)/modules", ("flashbdev.py", "machine.py"))
include("$(MPY_DIR)/extmod/asyncio")
module("_boot.py", base_path="../frozen/esp32")
include("../manifest.py", board="esp32")
