# SPDX-License-Identifier: MIT
"""A whole device on the fake RP2 whose rate is not set: it starts, and finds its master's."""

import pytest

from devicescene import ADDRESS, requests, short
from fakechip.whole import Device

SETTINGS = {"primary": str(ADDRESS), "baud": "auto", "save_min": "1"}


@pytest.mark.parametrize("baud", [300, 2400, 9600])
def test_a_device_that_is_to_find_its_rate_answers_at_every_one(baud):
    device = Device("rp2", SETTINGS, baud)
    every_us = {300: 9000000, 2400: 2500000, 9600: 1500000}[baud]
    device.chip.clock.spawn(device.master.reading(requests(), every_us), 3000000)
    device.run(40)
    assert device.codes == []
    assert device.chip.crashes == []
    answered = [
        exchange for exchange in device.master.exchanges if exchange.start_us and exchange.in_time
    ]
    assert len(answered) >= 2
    assert short(0x40) in [exchange.request for exchange in answered]
