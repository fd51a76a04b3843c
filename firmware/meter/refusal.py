# SPDX-License-Identifier: MIT
"""Why a command is refused: application errors (EN 13757-3, and later editions of it)."""

BUSY = 0x08
LOCKED = 0x10  # or read only
NOT_POSSIBLE = 0x11  # not in this meter, or not in its present state
OUT_OF_RANGE = 0x12
