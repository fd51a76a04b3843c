# SPDX-License-Identifier: MIT
"""The datasheet's standard and manufacturer-specific data: each record, and the telegrams."""

from valued import check, valued

# fmt: off
STANDARD = (
    # register       selection record: DIB and VIB, data
    "energy_import   0804     04 04     0ACD9010",
    "energy_export   08843C   04 843C   FE162C01",
    "reactive_import 08FB02   04 FB02   5CB01600",
    "reactive_export 08FB823C 04 FB823C 04C12D00",
    "import_t1       881004   8410 04   C1B1A202",
    "import_t2       882004   8420 04   C2B2A303",
    "max_import      182B     14 2B     24232221",
    "max_export      18AB3C   14 AB3C   34333231",
    "max_import_t1   98102B   9410 2B   64636261",
    "max_import_t2   98202B   9420 2B   18171615",
    "sum_max_import  08FB7B   04 FB7B   0D0C0B0A",
    "power_import    082B     04 2B     08070605",
    "serial          0878     0C 78     64185397",
    "meter_number    0879     0C 79     67450312",
    "time            086D     04 6D     2F35593A",
    "hours           0822     04 22     03020100",
)
MANUFACTURER = (
    "verify_import  88804082FF0F   848040 82FF0F   21436500",
    "verify_export  88804082BCFF0F 848040 82BCFF0F 56341200",
    "max_time       186D           14 6D           1E323335",
    "max_time_t1    98106D         9410 6D         3B371D32",
    "max_time_t2    98206D         9420 6D         0F20FF2C",
    "max_var_import 18FB14         14 FB14         44434241",
    "max_var_export 18FB943C       14 FB943C       54535251",
    "voltage_l1     08FDC8FC01     02 FDC8FC01     1109",
    "voltage_l2     08FDC8FC02     02 FDC8FC02     2209",
    "voltage_l3     08FDC8FC03     02 FDC8FC03     3309",
    "current_l1     08FDDAFC01     04 FDDAFC01     C1B2A100",
    "current_l2     08FDDAFC02     04 FDDAFC02     D2C2B100",
    "current_l3     08FDDAFC03     04 FDDAFC03     E3D2C100",
    "power_l1       08ABFC01       04 ABFC01       04030201",
    "power_l2       08ABFC02       04 ABFC02       FEFEFEFE",
    "power_l3       08ABFC03       04 ABFC03       55443300",
)
# fmt: on
PROVES = {
    "test_standard_data": ("value", "STANDARD"),
    "test_manufacturer_specific_data": ("value", "MANUFACTURER"),
}


def test_standard_data():
    check(valued(), STANDARD)


def test_manufacturer_specific_data():
    check(valued(), MANUFACTURER)
