# SPDX-License-Identifier: MIT
"""What CT meters have beside energy: power factors, the ratio, and what is behind it."""

from meters import Meter
from valued import check, check_obeyed, valued_ct

CT = {"ct": "yes"}

# fmt: off
MEASURED = (
    "power_factor    08FF10   02 FF10   D103",
    "power_factor_l1 08FF9001 02 FF9001 DDFE",
    "power_factor_l2 08FF9002 02 FF9002 3402",
    "power_factor_l3 08FF9003 02 FF9003 4503",
)
TRANSFORMERS = (
    "ratio           08FF68 02 FF68 E110",
    "ratio_lock      08FF14 01 FF14 01",
)
UNLOCKED = (
    "ratio_lock      08FF14 01 FF14 00",
)
COMMANDS = (
    "ratio      w ct - 51 02FF687017 08FF68 02FF687017",
    "ratio_lock w ct - 51 01FF1401   08FF14 01FF1401",
)
# Behind the ratio of 8/5: what is measured at the terminals is more at the primary side.
PRIMARY = (
    "power_l1        08ABFC01   04 ABFC01 A0D19C01",
    "power_import    082B       04 2B D9A40908",
    "var_import      08FB14     04 FB14 3C3BD304",
    "current_l3      08FDDAFC03 04 FDDAFC03 381E3601",
    "voltage_l1      08FDC8FC01 02 FDC8FC01 1109",
    "power_factor    08FF10     02 FF10 D103",
)
# fmt: on
PROVES = {
    "test_power_factors": ("value", "MEASURED"),
    "test_the_transformers": ("value", "TRANSFORMERS"),
    "test_the_ratio_of_a_new_meter_is_not_locked": ("value", "UNLOCKED"),
    "test_commands_of_a_ct_meter": ("command", "COMMANDS"),
    "test_powers_and_currents_are_those_of_the_primary_side": ("scaled", "PRIMARY"),
}


def test_power_factors():
    check(valued_ct(), MEASURED)


def test_the_transformers():
    meter = Meter(ratio="4321", **CT)
    assert meter.send("01FF1401") == 0
    check(meter, TRANSFORMERS)


def test_the_ratio_of_a_new_meter_is_not_locked():
    check(valued_ct(), UNLOCKED)


def test_commands_of_a_ct_meter():
    check_obeyed(COMMANDS)


def test_powers_and_currents_are_those_of_the_primary_side():
    check(valued_ct("8"), PRIMARY)
