# SPDX-License-Identifier: MIT
"""What the firmware takes from MicroPython's `micropython` module, for CPython."""


def const(value):
    """MicroPython folds the value in at compile time; here it is the value itself."""
    return value
