# SPDX-License-Identifier: MIT
"""The RP2's boot code in a frozen build, in the place of the port's own."""

import rp2
from volume import mount

mount(rp2.Flash(), 256)
