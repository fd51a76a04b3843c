# SPDX-License-Identifier: MIT
"""Meters with a value of its own behind every register, and checks of what they answer.

A test of items has tables of rows whose first column is the name of a register, in one text
if that is all text, for a small heap's sake.  Its file in PROVES which test proves which table, and what of the registers in it:

    value    the record that a selection is answered with
    stored   the same of a closed debiting period
    wide     the same of a CT meter, in 48 bits
    scaled   the same of a CT meter with a ratio, as at the primary side
    legacy   the same in the codes of an older module
    sent     the telegrams and sets in which it is sent
    command  the records and CI that are obeyed, by the access that they need

cpython/test_items_proved.py holds that against the register table and shows that each row
fails when its register is wrong; tools/items.py makes the table of README from it.
"""

from meter import calendar
from meter.preset import preset
from meters import Meter
from node.sourcetext import resolve

# Sources of the register table and their values, in hexadecimal.  No two are alike, nor two
# octets within one, as far as a register has room for that.
VALUES = """
e1=2A2B1C1      e6=315273       e11=31101       e16=1150A
e21=1468C       e26=A0D11       e2=3A3B2C2      e7=4274A6
e12=41202       e17=11811       e22=1579F       e27=A0F16
e3=4A4B3C3      e8=5396D9       e13=51303       e18=11B18
e23=168B2       e28=A111B       e4=5A5B4C4      e9=64B90C
e14=61404       e19=11E1F       e24=179C5       e29=A1320
z0=3141592      z1=2718281      v0=654321       v1=123456
m0=21222324     m1=31323334     m2=41424344     m3=51525354
m4=61626364     m5=15161718     a0=A0B0C0D      a1=1A1B1C1D
a2=2A2B2C2D     a3=3A3B3C3D     kHOURS=10203    kPERIODS=1234
lP_L1=1020304   lP_L2=-1010102  lP_L3=334455    lP=5060708
lQ=3040506      lU_L1=911       lU_L2=922       lU_L3=933
lI_L1=A1B2C1    lI_L2=B1C2D2    lI_L3=C1D2E3    lFREQUENCY=1F3
lPF=3D1         lPF_L1=-123     lPF_L2=234      lPF_L3=345
"""
TIMES = (
    ("kTIME", (2026, 10, 25, 21, 47, 51)),  # a Sunday of week 43
    ("x0", (2025, 5, 19, 18, 30, 0)),
    ("x4", (2024, 2, 29, 23, 59, 0)),
    ("x5", (2023, 12, 31, 0, 15, 0)),
)
# Of a CT meter, where energy has more than 32 bits.
CT_VALUES = """
e1=134577A14   e6=12273A4F    e11=1030405    e16=2040604
e21=3050409    e26=402070E    e2=145698D28   e7=23496D93
e12=1040506    e17=2050807    e22=3060710    e27=4030C19
e3=1567BA03C   e8=346BA0D7    e13=1050607    e18=2060A0A
e23=3070A17    e28=4041124    e4=1678DB350   e9=458DD41B
e14=1060708    e19=2070C0D    e24=3080D1E    e29=405162F
z0=1122334455  z1=A0B0C0D0E   c1=305090D     c6=6182A3
c11=E30306     c16=1260606    c21=2380A0F    c26=34A0C11
c2=4080E14     c7=82B4E6      c12=E50409     c17=1290807
c22=23C0F18    c27=34F121B    c3=50B131B     c8=A3E729
c13=E7050C     c18=12C0A08    c23=2401421    c28=3541825
c4=60E1822     c9=C5196C      c14=E9060F     c19=12F0C09
c24=244192A    c29=3591E2F
"""
STOP = "00FFC00B"
# Meters that obey more than others.
KINDS = {
    "plain": {},
    "bus": {"tariff_source": "bus"},
    "breaker": {"breaker": "yes"},
    "prepaid": {"breaker": "yes", "prepayment": "yes"},
    "ct": {"ct": "yes"},
}
# What the registers have come to when the next period is closed.
LATER = """
e1=1   e2=22   e3=333   e4=4444   e6=5   e7=66   e8=777   e9=8888
e11=9  e12=10  e13=111  e14=1212  e16=3  e17=13  e18=131  e19=1313
e21=5  e22=15  e23=151  e24=1515  e26=6  e27=16  e28=161  e29=1616
m0=7   m1=8    m2=9     m3=1A     m4=2A  m5=3A
"""
# What a meter exports.
EXPORT = "lP=-2132435 lQ=-1122334"


def put(meter, text):
    """Give the meter the values of a text, source=hexadecimal; a second goes by."""
    for word in text.split():
        source, value = word.split("=")
        group, index = resolve(source)
        preset(meter.meter, group, index, int(value, 16), meter.line.now)
    meter.pass_time(1000)


def valued(**given):
    """A meter with all the VALUES, of the numbers 12034567 and 97531864."""
    given.setdefault("identification", "12034567")
    given.setdefault("serial", "97531864")
    given.setdefault("debit_day", "0")
    meter = Meter(**given)
    put_all(meter)
    return meter


def put_all(meter):
    """Give the meter all the TIMES and VALUES."""
    for source, moment in TIMES:
        group, index = resolve(source)
        preset(meter.meter, group, index, calendar.to_seconds(*moment), meter.line.now)
    put(meter, VALUES)


def valued_ct(ratio="5"):
    """A CT meter with all of them; its ratio is that of a meter without transformers."""
    meter = valued(ct="yes", ratio=ratio)
    put(meter, CT_VALUES)
    return meter


def closed(meter, more=0):
    """The meter behind a debiting stop by command and so many others; all has gone on since."""
    assert meter.send(STOP) == 0
    meter.pass_time(61000)
    put(meter, LATER)
    for _ in range(more):
        meter.meter.close_period()
    return meter


def register(meter, selection):
    """The record that answers a selection, which is forgotten again."""
    assert meter.send(selection, a=254) == 0, selection
    reply = meter.line.short(0x7B, 254)
    meter.send("", a=254, ci=0x50)
    return reply[38:-4]


def check(meter, rows):
    """Each row, a text of register, selection and record, holds: that is what it answers."""
    for row in rows:
        name, selection, record = row.split(None, 2)
        assert register(meter, selection) == record.replace(" ", ""), name


def check_obeyed(rows):
    """Each row holds: a command changes what a register shows into this record.

    A row is a text of register, access, meter, records before, CI, command, selection and
    record; - stands for none.
    """
    for row in rows:
        _obey(*row.split())


def _obey(name, _, kind, before, ci, command, selection, record):
    meter = valued(**KINDS[kind])
    if before != "-":
        assert meter.send(before) == 0, name
        meter.pass_time(1000)
    assert register(meter, selection) != record, name
    assert meter.send(command.strip("-"), ci=int(ci, 16)) == 0, name
    if name == "breaker":
        meter.pass_time(1000)
    assert register(meter, selection) == record, name
