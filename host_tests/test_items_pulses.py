# SPDX-License-Identifier: MIT
"""Pulse inputs with a unit: the VIF of it, and the count by the weight."""

from meters import Meter
from valued import check

# fmt: off
ENERGY_AND_LITRES = (
    "pulse_1 884004     8440 04 D2040000",    # 1234 of 100 / kWh: 12.34 kWh
    "pulse_2 88804013   848040 13 35110000",  # 4405 of 1 / l
)
CUBIC_METRES_AND_A_COUNT = (
    "pulse_1 884013     8440 13 5C890100",    # 1007 of 10 / m3: 100.7 m3, in litres
    "pulse_2 888040FD3A 848040 FD3A 62160000",
)
# fmt: on
PROVES = {
    "test_inputs_of_energy_and_of_litres": ("value", "ENERGY_AND_LITRES"),
    "test_inputs_of_cubic_metres_and_of_energy": ("value", "CUBIC_METRES_AND_A_COUNT"),
}


def counted(first, second, **given):
    """A meter whose inputs have seen so many pulses."""
    meter = Meter(**given)
    meter.meter.pulse(0, first, meter.line.now)
    meter.meter.pulse(1, second, meter.line.now)
    return meter


def test_inputs_of_energy_and_of_litres():
    given = {"pulse1_unit": "kWh", "pulse1_weight": "100", "pulse2_unit": "l"}
    check(counted(1234, 4405, pulse2_weight="1", **given), ENERGY_AND_LITRES)


def test_inputs_of_cubic_metres_and_of_energy():
    # Energy of input 2 is shown as a count: on its subunit stand the verification registers.
    given = {"pulse1_unit": "m3", "pulse1_weight": "10", "pulse2_unit": "kWh"}
    check(counted(1007, 5730, **given), CUBIC_METRES_AND_A_COUNT)
