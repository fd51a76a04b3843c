# SPDX-License-Identifier: MIT
"""What the datasheet has on request, standard and manufacturer-specific."""

from valued import EXPORT, check, put, valued

# fmt: off
STANDARD = (
    # register      selection        record: DIB and VIB, data
    "reset_import   8880804084FF03   84808040 84FF03   92151403",
    "reset_export   8880804084BCFF03 84808040 84BCFF03 81827102",
    "import_t3      88B00004         8430 04           C3B3A404",
    "import_t4      88801004         848010 04         C4B4A505",
    "export_t1      8810843C         8410 843C         73523100",
    "export_t2      8820843C         8420 843C         A6744200",
    "export_t3      88B000843C       8430 843C         D9965300",
    "export_t4      888010843C       848010 843C       0CB96400",
    "r_import_t1    8810FB02         8410 FB02         0B260400",
    "r_import_t2    8820FB02         8420 FB02         132A0500",
    "r_import_t3    88B000FB02       8430 FB02         1B2E0600",
    "r_import_t4    888010FB02       848010 FB02       23320700",
    "r_export_t1    8810FB823C       8410 FB823C       9D530B00",
    "r_export_t2    8820FB823C       8420 FB823C       B5660B00",
    "r_export_t3    88B000FB823C     8430 FB823C       CD790B00",
    "r_export_t4    888010FB823C     848010 FB823C     E58C0B00",
    "sum_max_export 08FBFB3C         04 FBFB3C         1D1C1B1A",
)
MANUFACTURER = (
    "reactive_q1        08FB82FC08   04 FB82FC08   0A4A1200",
    "reactive_q4        08FB82FC0B   04 FB82FC0B   62402800",
    "sum_max_var_import 08FB94FF21   04 FB94FF21   2D2C2B2A",
    "sum_max_var_export 08FB94BCFF21 04 FB94BCFF21 3D3C3B3A",
    "periods            08FD61       02 FD61       3412",
    "var_import         08FB14       04 FB14       06050403",
    "frequency          08FB2E       02 FB2E       F301",
)
EXPORTING = (
    "power_export 08AB3C   04 AB3C   35241302",
    "var_export   08FB943C 04 FB943C 34231201",
    "power_import 082B     04 2B     00000000",
    "var_import   08FB14   04 FB14   00000000",
)
# fmt: on
PROVES = {
    "test_standard_data_on_request": ("value", "STANDARD"),
    "test_manufacturer_specific_data_on_request": ("value", "MANUFACTURER"),
    "test_the_powers_of_a_meter_that_exports": ("value", "EXPORTING"),
}


def test_standard_data_on_request():
    check(valued(), STANDARD)


def test_manufacturer_specific_data_on_request():
    check(valued(), MANUFACTURER)


def test_the_powers_of_a_meter_that_exports():
    meter = valued()
    put(meter, EXPORT)
    check(meter, EXPORTING)
