# SPDX-License-Identifier: MIT
"""Energy of CT meters has 48 bits, now and in closed debiting periods."""

from valued import STOP, check, put, valued_ct

# fmt: off
WIDE = (
    # register       selection        record: DIB and VIB, data
    "energy_import   0804             06 04             C85ACA370500",
    "energy_export   08843C           06 843C           D41C6AAF0000",
    "reactive_import 08FB02           06 FB02           3C3A280C0000",
    "reactive_export 08FB823C         06 FB823C         C85C281C0000",
    "import_t1       881004           8610 04           147A57340100",
    "import_t2       882004           8620 04           288D69450100",
    "import_t3       88B00004         8630 04           3CA07B560100",
    "import_t4       88801004         868010 04         50B38D670100",
    "export_t1       8810843C         8610 843C         4F3A27120000",
    "export_t2       8820843C         8620 843C         936D49230000",
    "export_t3       88B000843C       8630 843C         D7A06B340000",
    "export_t4       888010843C       868010 843C       1BD48D450000",
    "r_import_t1     8810FB02         8610 FB02         090A07030000",
    "r_import_t2     8820FB02         8620 FB02         0D0D09030000",
    "r_import_t3     88B000FB02       8630 FB02         11100B030000",
    "r_import_t4     888010FB02       868010 FB02       15130D030000",
    "r_export_t1     8810FB823C       8610 FB823C       170B07070000",
    "r_export_t2     8820FB823C       8620 FB823C       291309070000",
    "r_export_t3     88B000FB823C     8630 FB823C       3B1B0B070000",
    "r_export_t4     888010FB823C     868010 FB823C     4D230D070000",
    "reactive_q1     08FB82FC08       06 FB82FC08       1A1612040000",
    "reactive_q4     08FB82FC0B       06 FB82FC0B       7A3A0E100000",
    "reset_import    8880804084FF03   86808040 84FF03   554433221100",
    "reset_export    8880804084BCFF03 86808040 84BCFF03 0E0D0C0B0A00",
)
STORED = (
    "energy_import   4804         46 04         C85ACA370500",
    "energy_export   48843C       46 843C       D41C6AAF0000",
    "reactive_import 48FB02       46 FB02       3C3A280C0000",
    "reactive_export 48FB823C     46 FB823C     C85C281C0000",
    "import_t1       C81004       C610 04       147A57340100",
    "import_t2       C82004       C620 04       288D69450100",
    "import_t3       C8B00004     C630 04       3CA07B560100",
    "import_t4       C8801004     C68010 04     50B38D670100",
    "export_t1       C810843C     C610 843C     4F3A27120000",
    "export_t2       C820843C     C620 843C     936D49230000",
    "export_t3       C8B000843C   C630 843C     D7A06B340000",
    "export_t4       C88010843C   C68010 843C   1BD48D450000",
    "r_import_t1     C810FB02     C610 FB02     090A07030000",
    "r_import_t2     C820FB02     C620 FB02     0D0D09030000",
    "r_import_t3     C8B000FB02   C630 FB02     11100B030000",
    "r_import_t4     C88010FB02   C68010 FB02   15130D030000",
    "r_export_t1     C810FB823C   C610 FB823C   170B07070000",
    "r_export_t2     C820FB823C   C620 FB823C   291309070000",
    "r_export_t3     C8B000FB823C C630 FB823C   3B1B0B070000",
    "r_export_t4     C88010FB823C C68010 FB823C 4D230D070000",
    "reactive_q1     48FB82FC08   46 FB82FC08   1A1612040000",
    "reactive_q4     48FB82FC0B   46 FB82FC0B   7A3A0E100000",
)
# fmt: on
PROVES = {
    "test_energy_of_a_ct_meter_has_48_bits": ("wide", "WIDE"),
    "test_energy_of_a_closed_period_has_48_bits": ("wide stored", "STORED"),
}


def test_energy_of_a_ct_meter_has_48_bits():
    check(valued_ct(), WIDE)


def test_energy_of_a_closed_period_has_48_bits():
    meter = valued_ct()
    assert meter.send(STOP) == 0
    put(meter, "e1=1 e2=2 e3=3 e4=4 e6=5 e7=6 e8=7 e9=8 e11=9 e17=10 e23=11 e29=12")
    check(meter, STORED)
