# SPDX-License-Identifier: MIT
"""The newest closed debiting period, storage 1: every register that belongs to it."""

from valued import check, closed, valued

# fmt: off
NEWEST = (
    # register          selection    record: DIB and VIB, data
    "energy_import      4804         44 04         0ACD9010",
    "energy_export      48843C       44 843C       FE162C01",
    "reactive_import    48FB02       44 FB02       5CB01600",
    "reactive_export    48FB823C     44 FB823C     04C12D00",
    "import_t1          C81004       C410 04       C1B1A202",
    "import_t2          C82004       C420 04       C2B2A303",
    "max_import         582B         54 2B         24232221",
    "max_export         58AB3C       54 AB3C       34333231",
    "max_import_t1      D8102B       D410 2B       64636261",
    "max_import_t2      D8202B       D420 2B       18171615",
    "sum_max_import     48FB7B       44 FB7B       0D0C0B0A",
    "time               486D         44 6D         2F35593A",
    "max_time           586D         54 6D         1E323335",
    "max_time_t1        D8106D       D410 6D       3B371D32",
    "max_time_t2        D8206D       D420 6D       0F20FF2C",
    "max_var_import     58FB14       54 FB14       44434241",
    "max_var_export     58FB943C     54 FB943C     54535251",
    "import_t3          C8B00004     C430 04       C3B3A404",
    "import_t4          C8801004     C48010 04     C4B4A505",
    "export_t1          C810843C     C410 843C     73523100",
    "export_t2          C820843C     C420 843C     A6744200",
    "export_t3          C8B000843C   C430 843C     D9965300",
    "export_t4          C88010843C   C48010 843C   0CB96400",
    "r_import_t1        C810FB02     C410 FB02     0B260400",
    "r_import_t2        C820FB02     C420 FB02     132A0500",
    "r_import_t3        C8B000FB02   C430 FB02     1B2E0600",
    "r_import_t4        C88010FB02   C48010 FB02   23320700",
    "r_export_t1        C810FB823C   C410 FB823C   9D530B00",
    "r_export_t2        C820FB823C   C420 FB823C   B5660B00",
    "r_export_t3        C8B000FB823C C430 FB823C   CD790B00",
    "r_export_t4        C88010FB823C C48010 FB823C E58C0B00",
    "sum_max_export     48FBFB3C     44 FBFB3C     1D1C1B1A",
    "reactive_q1        48FB82FC08   44 FB82FC08   0A4A1200",
    "reactive_q4        48FB82FC0B   44 FB82FC0B   62402800",
    "sum_max_var_import 48FB94FF21   44 FB94FF21   2D2C2B2A",
    "sum_max_var_export 48FB94BCFF21 44 FB94BCFF21 3D3C3B3A",
)
# fmt: on
PROVES = {"test_the_newest_period": ("stored", "NEWEST")}


def test_the_newest_period():
    check(closed(valued()), NEWEST)
