# SPDX-License-Identifier: MIT
"""Hours of a device on both fake chips: pulses at 25 Hz, reads, saves, orders, resets of all causes.

One hour, or as many as HOURS says.
"""

import os

import pytest
from test_fakechip_whole import ALL

import devicescene

HOURS = int(os.environ.get("HOURS", "1"))


@pytest.mark.parametrize(("variant", "baud"), [("rp2", 9600), ("esp32", 2400)])
def test_a_device_loses_no_more_than_it_says(variant, baud):
    apart = HOURS * 60 * devicescene.MINUTE // (len(ALL) + 1)
    device, _ = devicescene.play(variant, baud, fram=False, causes=ALL, apart=apart)
    assert device.pulses[0].sent(device.chip.clock.now) > HOURS * 3600 * 20
    assert device.master.asked > HOURS * 1000
    assert device.slots.stalls > 10
