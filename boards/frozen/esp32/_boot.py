# SPDX-License-Identifier: MIT
"""The ESP32's boot code in a frozen build, in the place of the port's own."""

import gc

from flashbdev import bdev
from volume import mount

if bdev:
    mount(bdev, 32)
gc.collect()
