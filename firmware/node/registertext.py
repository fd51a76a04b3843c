# SPDX-License-Identifier: MIT
"""The meter's registers: one row is one data record, or one command.

Pure data, the octets of EN 13757-3 as they stand on the wire.  registerpack.py makes octets of
it, which is all that a device gets; the command line and the documents are made from it too.
A new register is one row here and one source of its value.

Columns: name, DIB, VIB, access, sets, source, unit and meaning.  Rows stand in the order in
which they are sent.

Access, also of the actions behind a written record: r is read, w written, a added to, s
subtracted from, c cleared, f frozen.

Sets, - for none:
  1 2  default telegrams; 3 is one more that an emulated meter may be configured to send
  b e t i l s  application select: simple billing, enhanced billing (behind b, and with the
       last closed period), tariffs, instantaneous values, load management, installation
  h    kept for closed debiting periods, storage 1 (newest) to 15
  v    one of a log, storage 0 (newest) to 63; sent only if its VIF is asked for
  w    48 bits wide in a CT meter
  x    answers only a selection with its own data field: another row has the same VIF

Source: where the value comes from, see sourcetext.py.

The qualifiers behind FFh are this meter's own: 03 resettable counter, 0E secondary side of a
CT meter, 0F verification register with more digits, 21 accumulated maxima.  So are the codes
behind the VIF FFh.  Registers that only a qualifier tells from the main ones have a subunit
of their own too, because many masters drop qualifiers.
"""

# A text for each row, for one long text is more than a small heap has in one piece.
# fmt: off
ROWS = (
    "energy_import         04      04           r    1behw   e0   10 Wh, active energy A+",
    "energy_export         04      843C         r    1behw   e5   10 Wh, active energy A-",
    "reactive_import       04      FB02         r    1behw   e30  kvarh, reactive energy R+",
    "reactive_export       04      FB823C       r    1behw   e35  kvarh, reactive energy R-",
    "import_t1             8410    04           r    1twh    e1   10 Wh, A+ tariff 1",
    "import_t2             8420    04           r    1twh    e2   10 Wh, A+ tariff 2",
    "max_import            14      2B           r    1eh     m0   W, greatest P+ of the period",
    "max_export            14      AB3C         r    1eh     m1   W, greatest P- of the period",
    "max_import_t1         9410    2B           r    1eth    m4   W, greatest P+, tariff 1",
    "max_import_t2         9420    2B           r    1eth    m5   W, greatest P+, tariff 2",
    "sum_max_import        04      FB7B         r    1h      a0   W, sum of all greatest P+",
    "power_import          04      2B           r    1i      lP_IMPORT W, P+ now",
    "serial                0C      78           r    1betils nSERIAL fabrication number, unique",
    "meter_number          0C      79           rw   1s      nMETER_NUMBER identification number",
    "time                  04      6D           rw   1beh    dF   type F, date and time",
    "hours                 04      22           r    1       kHOURS h, on time",

    "verify_import         848040  82FF0F       r    2       v0   0.1 Wh, A+, last 7 digits",
    "verify_export         848040  82BCFF0F     r    2       v1   0.1 Wh, A-, last 7 digits",
    "max_time              14      6D           r    2h      x0   type F, when P+ was greatest",
    "max_time_t1           9410    6D           r    2h      x4   type F, the same, tariff 1",
    "max_time_t2           9420    6D           r    2h      x5   type F, the same, tariff 2",
    "max_var_import        14      FB14         r    2eh     m2   var, greatest Q+",
    "max_var_export        14      FB943C       r    2eh     m3   var, greatest Q-",
    "voltage_l1            02      FDC8FC01     r    2i      lU_L1 0.1 V",
    "voltage_l2            02      FDC8FC02     r    2i      lU_L2 0.1 V",
    "voltage_l3            02      FDC8FC03     r    2i      lU_L3 0.1 V",
    "current_l1            04      FDDAFC01     r    2i      lI_L1 10 mA",
    "current_l2            04      FDDAFC02     r    2i      lI_L2 10 mA",
    "current_l3            04      FDDAFC03     r    2i      lI_L3 10 mA",
    "power_l1              04      ABFC01       r    2i      lP_L1 W, negative is export",
    "power_l2              04      ABFC02       r    2i      lP_L2 W, negative is export",
    "power_l3              04      ABFC03       r    2i      lP_L3 W, negative is export",

    "reset_import          84808040 84FF03       rc   3w      z0   10 Wh, resettable A+",
    "reset_export          84808040 84BCFF03     rc   3w      z1   10 Wh, resettable A-",
    "import_t3             8430    04           r    3twh    e3   10 Wh, A+ tariff 3",
    "import_t4             848010  04           r    3twh    e4   10 Wh, A+ tariff 4",
    "export_t1             8410    843C         r    3twh    e6   10 Wh, A- tariff 1",
    "export_t2             8420    843C         r    3twh    e7   10 Wh, A- tariff 2",
    "export_t3             8430    843C         r    twh     e8   10 Wh, A- tariff 3",
    "export_t4             848010  843C         r    twh     e9   10 Wh, A- tariff 4",
    "r_import_t1           8410    FB02         r    3twh    e31  kvarh, R+ tariff 1",
    "r_import_t2           8420    FB02         r    3twh    e32  kvarh, R+ tariff 2",
    "r_import_t3           8430    FB02         r    twh     e33  kvarh, R+ tariff 3",
    "r_import_t4           848010  FB02         r    twh     e34  kvarh, R+ tariff 4",
    "r_export_t1           8410    FB823C       r    3twh    e36  kvarh, R- tariff 1",
    "r_export_t2           8420    FB823C       r    3twh    e37  kvarh, R- tariff 2",
    "r_export_t3           8430    FB823C       r    twh     e38  kvarh, R- tariff 3",
    "r_export_t4           848010  FB823C       r    twh     e39  kvarh, R- tariff 4",
    "sum_max_export        04      FBFB3C       r    3h      a1   W, sum of all greatest P-",
    "power_export          04      AB3C         r    3i      lP_EXPORT W, P- now",
    "reactive_q1           04      FB82FC08     r    3hw     e10  kvarh, R1",
    "reactive_q4           04      FB82FC0B     r    3hw     e25  kvarh, R4",
    "sum_max_var_import    04      FB94FF21     r    h       a2   var, sum of all greatest Q+",
    "sum_max_var_export    04      FB94BCFF21   r    h       a3   var, sum of all greatest Q-",
    "periods               02      FD61         r    3       kPERIODS debiting periods closed",
    "var_import            04      FB14         r    3i      lQ_IMPORT var, Q+ now",
    "var_export            04      FB943C       r    3i      lQ_EXPORT var, Q- now",
    "frequency             02      FB2E         r    3i      lFREQUENCY 0.1 Hz",
    "status                04      FD17         r    3s      nSTATUS type D, meter status",
    "tariff                01      FF13         rw   3tl     kTARIFF active tariff, 1 to 4",
    "version               0D      FD0F         r    3s      nVERSION text, software version",
    "last_error            01      FF2F         r    3       nLAST_ERROR last application error",

    "threshold             04      AB48         rw   l       kTHRESHOLD W, 0 for none",
    "threshold_count       02      FF15         r    l       kTHRESHOLD_COUNT times exceeded",
    "rtc_status            01      FF22         r    s       kRTC_STATUS type D, clock status",
    "metrology             0D      FD0E         r    s       nMETROLOGY text, metrology version",
    "pulse_1               8440    FD3A         rw   l       p0   count of pulse input 1",
    "pulse_2               848040  FD3A         rw   l       p1   count of pulse input 2",
    "pulse_1_state         8140    FD1B         r    l       q0   bit 0, level of pulse input 1",
    "pulse_2_state         818040  FD1B         r    l       q1   bit 0, level of pulse input 2",
    "pulse_1_weight        8440    FF42         rw   s       kWEIGHT_1 pulses per unit, input 1",
    "pulse_2_weight        848040  FF42         rw   s       kWEIGHT_2 pulses per unit, input 2",
    "special_1             0C      FD67         rw   -       kSPECIAL_1 special data 1, 8 digits",
    "special_2             8C40    FD67         rw   -       kSPECIAL_2 special data 2, 8 digits",
    "credit                04      FF04         rwac l       kCREDIT 10 Wh, prepaid A+",
    "prepayment            01      FF41         rw   l       kPREPAY_MODE 0 off, 1 on",
    "breaker_state         01      FD1A         r    l       kBREAKER_STATE bit 0, supply on",
    "breaker               01      FD1F         rw   l       kCONTROL 0 off, 1 on, 2 release",
    "security_level        01      FF30         r    s       nSECURITY_LEVEL 0 to 3",
    "key_version           01      FF31         r    s       nKEY_VERSION keys set so far",
    "command_counter       04      FD08         r    s       nCOMMAND_COUNTER last secured one",
    "security_failures     0D      FF32         r    -       nFAILURES binary, by cause",

    "secondary_import      84C040  83FF0E       r    -       c0   Wh, A+ at CT terminals",
    "secondary_export      84C040  83BCFF0E     r    -       c5   Wh, A- at the terminals",
    "secondary_r_import    84C040  FB82F3FF0E   r    -       c30  varh, R+ at the terminals",
    "secondary_r_export    84C040  FB82BCF3FF0E r    -       c35  varh, R- at the terminals",
    "secondary_q1          84C040  FB82FC88F3FF0E r    -       c10  varh, R1 at the terminals",
    "secondary_q4          84C040  FB82FC8BF3FF0E r    -       c25  varh, R4 at the terminals",
    "secondary_import_t1   84D040  83FF0E       r    -       c1   Wh, the same, A+ tariff 1",
    "secondary_import_t2   84E040  83FF0E       r    -       c2   Wh, A+ tariff 2",
    "secondary_import_t3   84F040  83FF0E       r    -       c3   Wh, A+ tariff 3",
    "secondary_import_t4   84C050  83FF0E       r    -       c4   Wh, A+ tariff 4",
    "secondary_export_t1   84D040  83BCFF0E     r    -       c6   Wh, A- tariff 1",
    "secondary_export_t2   84E040  83BCFF0E     r    -       c7   Wh, A- tariff 2",
    "secondary_export_t3   84F040  83BCFF0E     r    -       c8   Wh, A- tariff 3",
    "secondary_export_t4   84C050  83BCFF0E     r    -       c9   Wh, A- tariff 4",
    "secondary_r_import_t1 84D040  FB82F3FF0E   r    -       c31  varh, R+ tariff 1",
    "secondary_r_import_t2 84E040  FB82F3FF0E   r    -       c32  varh, R+ tariff 2",
    "secondary_r_import_t3 84F040  FB82F3FF0E   r    -       c33  varh, R+ tariff 3",
    "secondary_r_import_t4 84C050  FB82F3FF0E   r    -       c34  varh, R+ tariff 4",
    "secondary_r_export_t1 84D040  FB82BCF3FF0E r    -       c36  varh, R- tariff 1",
    "secondary_r_export_t2 84E040  FB82BCF3FF0E r    -       c37  varh, R- tariff 2",
    "secondary_r_export_t3 84F040  FB82BCF3FF0E r    -       c38  varh, R- tariff 3",
    "secondary_r_export_t4 84C050  FB82BCF3FF0E r    -       c39  varh, R- tariff 4",
    "power_factor          02      FF10         r    i       lPF  0.001, negative is export",
    "power_factor_l1       02      FF9001       r    i       lPF_L1 0.001",
    "power_factor_l2       02      FF9002       r    i       lPF_L2 0.001",
    "power_factor_l3       02      FF9003       r    i       lPF_L3 0.001",
    "ratio                 02      FF68         rw   s       kRATIO transformer ratio x / 5 A",
    "ratio_lock            01      FF14         rw   s       kRATIO_LOCK 1 locked, 0 not",

    "date                  02      6C           rw   -       dG   type G, date",
    "time_of_day           03      6D           rwas x       dJ   type J, time of day or offset",
    "time_seconds          06      6D           rw   x       dI   type I, time to the second",
    "primary_address       01      7A           rw   s       nPRIMARY 0 to 250",
    "identification        07      79           rw   x       nIDENTIFICATION secondary address",
    "period_min            01      FF43         rw   s       kPERIOD_MIN min, period of demand",
    "tariff_source         01      FF44         rw   s       kTARIFF_SOURCE 0 input 1 bus 2 clock",
    "tariff_inverted       01      FF45         rw   s       kTARIFF_INVERTED 1: input on is T1",
    "baud                  04      FF46         rw   s       nBAUD baud, 0 for automatic",
    "event                 0D      FF50         r    v       nEVENT binary, one event",
    "reset_cause           01      FF60         r    -       nCAUSE "
    "0 unknown 1 power 2 watchdog 3 crash 4 asked 5 soft",
    "starts                04      FF61         r    -       nSTARTS starts since delivery",
    "watchdog_resets       04      FF62         r    -       nWATCHDOGS of these the watchdog's",
    "crashes               04      FF63         r    -       nCRASHES exceptions nobody caught",
    "store_failures        04      FF64         r    -       nSTORE_FAILURES since the start",
    "late_replies          04      FF65         r    -       nLATE replies not sent, too late",
    "line_errors           04      FF66         r    -       nLINE_ERRORS damaged telegrams",
    "crash                 0D      FF67         r    v       nCRASH text, what it died of",
    "debiting_stop         00      FF40         f    -       -    close the debiting period",
    "freeze                40      7E           f    -       -    copy them to storage 1",
)
# fmt: on

# The codes of an older module, where a meter is configured for them: tariffs in kWh on
# subunit 1, directions by subunit with reactive energy in the VIF of active energy.  Columns:
# name, DIB, VIB, and what the value is multiplied by and divided by.
LEGACY = (
    "energy_export    8440     04   1   1",
    "reactive_import  848040   04   100 1",
    "reactive_export  84C040   04   100 1",
    "import_t1        8450     06   1   100",
    "import_t2        8460     06   1   100",
)

# What that profile does not send unasked: its subunits 2 to 4 mean directions.
LEGACY_WITHOUT = ("verify_import", "verify_export", "reset_import", "reset_export")


def rows():
    """Yield (name, DIB, VIB, access, sets, source, meaning) of each row, as text stands there."""
    for line in ROWS:
        yield line.split(None, 6)


def legacy():
    """{name: (DIB, VIB, multiplier, divisor)} of the rows that differ in the legacy profile."""
    result = {}
    for line in LEGACY:
        name, dib, vib, multiplier, divisor = line.split()
        result[name] = dib, vib, int(multiplier), int(divisor)
    return result
