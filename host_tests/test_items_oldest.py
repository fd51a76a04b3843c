# SPDX-License-Identifier: MIT
"""Closed debiting periods: every register of the oldest, storage 15; all of them."""

from valued import check, closed, put, valued

# fmt: off
OLDEST = (
    # register          selection      record: DIB and VIB, data
    "energy_import      C80704         C407 04         0ACD9010",
    "energy_export      C807843C       C407 843C       FE162C01",
    "reactive_import    C807FB02       C407 FB02       5CB01600",
    "reactive_export    C807FB823C     C407 FB823C     04C12D00",
    "import_t1          C81704         C417 04         C1B1A202",
    "import_t2          C82704         C427 04         C2B2A303",
    "max_import         D8072B         D407 2B         24232221",
    "max_export         D807AB3C       D407 AB3C       34333231",
    "max_import_t1      D8172B         D417 2B         64636261",
    "max_import_t2      D8272B         D427 2B         18171615",
    "sum_max_import     C807FB7B       C407 FB7B       0D0C0B0A",
    "time               C8076D         C407 6D         2F35593A",
    "max_time           D8076D         D407 6D         1E323335",
    "max_time_t1        D8176D         D417 6D         3B371D32",
    "max_time_t2        D8276D         D427 6D         0F20FF2C",
    "max_var_import     D807FB14       D407 FB14       44434241",
    "max_var_export     D807FB943C     D407 FB943C     54535251",
    "import_t3          C8B70004       C437 04         C3B3A404",
    "import_t4          C8871004       C48710 04       C4B4A505",
    "export_t1          C817843C       C417 843C       73523100",
    "export_t2          C827843C       C427 843C       A6744200",
    "export_t3          C8B700843C     C437 843C       D9965300",
    "export_t4          C88710843C     C48710 843C     0CB96400",
    "r_import_t1        C817FB02       C417 FB02       0B260400",
    "r_import_t2        C827FB02       C427 FB02       132A0500",
    "r_import_t3        C8B700FB02     C437 FB02       1B2E0600",
    "r_import_t4        C88710FB02     C48710 FB02     23320700",
    "r_export_t1        C817FB823C     C417 FB823C     9D530B00",
    "r_export_t2        C827FB823C     C427 FB823C     B5660B00",
    "r_export_t3        C8B700FB823C   C437 FB823C     CD790B00",
    "r_export_t4        C88710FB823C   C48710 FB823C   E58C0B00",
    "sum_max_export     C807FBFB3C     C407 FBFB3C     1D1C1B1A",
    "reactive_q1        C807FB82FC08   C407 FB82FC08   0A4A1200",
    "reactive_q4        C807FB82FC0B   C407 FB82FC0B   62402800",
    "sum_max_var_import C807FB94FF21   C407 FB94FF21   2D2C2B2A",
    "sum_max_var_export C807FB94BCFF21 C407 FB94BCFF21 3D3C3B3A",
)
# A period each, with 10 Wh more in each than in the one before.
EVERY = (
    "energy_import 4804   44   04 A8470000",
    "energy_import 880104 8401 04 A7470000",
    "energy_import C80104 C401 04 A6470000",
    "energy_import 880204 8402 04 A5470000",
    "energy_import C80204 C402 04 A4470000",
    "energy_import 880304 8403 04 A3470000",
    "energy_import C80304 C403 04 A2470000",
    "energy_import 880404 8404 04 A1470000",
    "energy_import C80404 C404 04 A0470000",
    "energy_import 880504 8405 04 9F470000",
    "energy_import C80504 C405 04 9E470000",
    "energy_import 880604 8406 04 9D470000",
    "energy_import C80604 C406 04 9C470000",
    "energy_import 880704 8407 04 9B470000",
    "energy_import C80704 C407 04 9A470000",
)
# fmt: on
PROVES = {
    "test_the_oldest_period": ("stored", "OLDEST"),
    "test_each_storage_has_a_period_of_its_own": ("stored", "EVERY"),
}


def test_the_oldest_period():
    check(closed(valued(), 14), OLDEST)


def test_each_storage_has_a_period_of_its_own():
    meter = closed(valued())
    for number in range(1, 16):
        put(meter, "e1=%X" % number)
        meter.meter.close_period()
    check(meter, EVERY)
