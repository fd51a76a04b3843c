# SPDX-License-Identifier: MIT
"""Frozen build of MicroPython's ports/rp2: BOARD=RPI_PICO FROZEN_MANIFEST=this file."""

# The port's own manifest but for its _boot.py: that one formats what it cannot mount.
freeze("$(PORT_DIR)/modules", ("rp2.py",))
include("$(MPY_DIR)/extmod/asyncio")
module("_boot.py", base_path="../frozen/rp2")
include("../manifest.py", board="mikroe_slave_click")
