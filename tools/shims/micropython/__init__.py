# SPDX-License-Identifier: MIT
"""What the firmware takes from MicroPython's `micropython` module, for CPython."""


def const(value):
    """MicroPython folds the value in at compile time; here it is the value itself."""
    return value


def heap_lock():
    """On MicroPython nothing can be allocated from here on."""


def heap_unlock():
    """The end of heap_lock()."""
