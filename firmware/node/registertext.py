# SPDX-License-Identifier: MIT
"""The meter's registers: one row is one data record, or one command.

Pure data, the octets of EN 13757-3 as they stand on the wire.  registers.py packs it at boot
and forgets the text; the command line and the documents are made from it too.  A new
register is one row here and one source of its value.

Columns: name, DIB, VIB, access, sets, unit and meaning.  Rows stand in the order in
which they are sent.

Access, also of the actions behind a written record: r is read, w written, a added to, s
subtracted from, c cleared, f frozen.

Sets, - for none:
  1 2  default telegrams; 3 is one more that an emulated meter may be configured to send
  b e t i l s  application select: simple billing, enhanced billing (behind b, and with the
       last closed period), tariffs, instantaneous values, load management, installation
  h    kept for closed debiting periods, storage 1 (newest) to 15
  v    one of the last 64 events, storage 0 (newest) to 63; sent only if its VIF is asked for
  w    48 bits wide in a CT meter
  x    answers only a selection with its own data field: another row has the same VIF

The qualifiers behind FFh are this meter's own: 03 resettable counter, 0E secondary side of a
CT meter, 0F verification register with more digits, 21 accumulated maxima.  So are the codes
behind the VIF FFh.  Registers that only a qualifier tells from the main ones have a subunit
of their own too, because many masters drop qualifiers.
"""

# A text for each row, for one long text is more than a small heap has in one piece.
# fmt: off
ROWS = (
    "energy_import         04       04             r    1behw   10 Wh, active energy A+",
    "energy_export         04       843C           r    1behw   10 Wh, active energy A-",
    "reactive_import       04       FB02           r    1behw   kvarh, reactive energy R+",
    "reactive_export       04       FB823C         r    1behw   kvarh, reactive energy R-",
    "import_t1             8410     04             r    1twh    10 Wh, A+ tariff 1",
    "import_t2             8420     04             r    1twh    10 Wh, A+ tariff 2",
    "max_import            14       2B             r    1eh     W, greatest P+ of the period",
    "max_export            14       AB3C           r    1eh     W, greatest P- of the period",
    "max_import_t1         9410     2B             r    1eth    W, greatest P+, tariff 1",
    "max_import_t2         9420     2B             r    1eth    W, greatest P+, tariff 2",
    "sum_max_import        04       FB7B           r    1h      W, sum of all greatest P+",
    "power_import          04       2B             r    1i      W, P+ now",
    "serial                0C       78             r    1betils fabrication number, unique",
    "meter_number          0C       79             rw   1s      identification number",
    "time                  04       6D             rw   1beh    type F, date and time",
    "hours                 04       22             r    1       h, on time",

    "verify_import         848040   82FF0F         r    2       0.1 Wh, A+, last 7 digits",
    "verify_export         848040   82BCFF0F       r    2       0.1 Wh, A-, last 7 digits",
    "max_time              14       6D             r    2h      type F, when P+ was greatest",
    "max_time_t1           9410     6D             r    2h      type F, the same, tariff 1",
    "max_time_t2           9420     6D             r    2h      type F, the same, tariff 2",
    "max_var_import        14       FB14           r    2eh     var, greatest Q+",
    "max_var_export        14       FB943C         r    2eh     var, greatest Q-",
    "voltage_l1            02       FDC8FC01       r    2i      0.1 V",
    "voltage_l2            02       FDC8FC02       r    2i      0.1 V",
    "voltage_l3            02       FDC8FC03       r    2i      0.1 V",
    "current_l1            04       FDDAFC01       r    2i      10 mA",
    "current_l2            04       FDDAFC02       r    2i      10 mA",
    "current_l3            04       FDDAFC03       r    2i      10 mA",
    "power_l1              04       ABFC01         r    2i      W, negative is export",
    "power_l2              04       ABFC02         r    2i      W, negative is export",
    "power_l3              04       ABFC03         r    2i      W, negative is export",

    "reset_import          84808040 84FF03         rc   3w      10 Wh, resettable A+",
    "reset_export          84808040 84BCFF03       rc   3w      10 Wh, resettable A-",
    "import_t3             8430     04             r    3twh    10 Wh, A+ tariff 3",
    "import_t4             848010   04             r    3twh    10 Wh, A+ tariff 4",
    "export_t1             8410     843C           r    3twh    10 Wh, A- tariff 1",
    "export_t2             8420     843C           r    3twh    10 Wh, A- tariff 2",
    "export_t3             8430     843C           r    twh     10 Wh, A- tariff 3",
    "export_t4             848010   843C           r    twh     10 Wh, A- tariff 4",
    "r_import_t1           8410     FB02           r    3twh    kvarh, R+ tariff 1",
    "r_import_t2           8420     FB02           r    3twh    kvarh, R+ tariff 2",
    "r_import_t3           8430     FB02           r    twh     kvarh, R+ tariff 3",
    "r_import_t4           848010   FB02           r    twh     kvarh, R+ tariff 4",
    "r_export_t1           8410     FB823C         r    3twh    kvarh, R- tariff 1",
    "r_export_t2           8420     FB823C         r    3twh    kvarh, R- tariff 2",
    "r_export_t3           8430     FB823C         r    twh     kvarh, R- tariff 3",
    "r_export_t4           848010   FB823C         r    twh     kvarh, R- tariff 4",
    "sum_max_export        04       FBFB3C         r    3h      W, sum of all greatest P-",
    "power_export          04       AB3C           r    3i      W, P- now",
    "reactive_q1           04       FB82FC08       r    3hw     kvarh, R1",
    "reactive_q4           04       FB82FC0B       r    3hw     kvarh, R4",
    "sum_max_var_import    04       FB94FF21       r    h       var, sum of all greatest Q+",
    "sum_max_var_export    04       FB94BCFF21     r    h       var, sum of all greatest Q-",
    "periods               02       FD61           r    3       debiting periods closed",
    "var_import            04       FB14           r    3i      var, Q+ now",
    "var_export            04       FB943C         r    3i      var, Q- now",
    "frequency             02       FB2E           r    3i      0.1 Hz",
    "status                04       FD17           r    3s      type D, meter status",
    "tariff                01       FF13           rw   3tl     tariff that counts now, 1 to 4",
    "version               0D       FD0F           r    3s      text, software version",
    "last_error            01       FF2F           r    3       last application error",

    "threshold             04       AB48           rw   l       W, power threshold, 0 for none",
    "threshold_count       02       FF15           r    l       times the power exceeded it",
    "rtc_status            01       FF22           r    s       type D, clock status",
    "metrology             0D       FD0E           r    s       text, version of the metrology",
    "pulse_1               8440     FD3A           rw   l       count of pulse input 1",
    "pulse_2               848040   FD3A           rw   l       count of pulse input 2",
    "pulse_1_state         8140     FD1B           r    l       bit 0, level of pulse input 1",
    "pulse_2_state         818040   FD1B           r    l       bit 0, level of pulse input 2",
    "pulse_1_weight        8440     FF42           rw   s       pulses per unit, input 1",
    "pulse_2_weight        848040   FF42           rw   s       pulses per unit, input 2",
    "special_1             0C       FD67           rw   -       special data 1, 8 digits",
    "special_2             8C40     FD67           rw   -       special data 2, 8 digits",
    "credit                04       FF04           rwac l       10 Wh, A+ prepayment, credit",
    "prepayment            01       FF41           rw   l       prepayment, 0 off, 1 on",
    "breaker_state         01       FD1A           r    l       bit 0, supply on",
    "breaker               01       FD1F           rw   l       0 off, 1 on, 2 by button",
    "security_level        01       FF30           r    s       0 to 3",
    "key_version           01       FF31           r    s       keys set so far",
    "command_counter       04       FD08           r    s       of the last secured command",

    "secondary_import      84C040   83FF0E         r    -       Wh, A+ at a CT meter's terminals",
    "secondary_export      84C040   83BCFF0E       r    -       Wh, A- at the terminals",
    "secondary_r_import    84C040   FB82F3FF0E     r    -       varh, R+ at the terminals",
    "secondary_r_export    84C040   FB82BCF3FF0E   r    -       varh, R- at the terminals",
    "secondary_q1          84C040   FB82FC88F3FF0E r    -       varh, R1 at the terminals",
    "secondary_q4          84C040   FB82FC8BF3FF0E r    -       varh, R4 at the terminals",
    "secondary_import_t1   84D040   83FF0E         r    -       Wh, the same, A+ tariff 1",
    "secondary_import_t2   84E040   83FF0E         r    -       Wh, A+ tariff 2",
    "secondary_import_t3   84F040   83FF0E         r    -       Wh, A+ tariff 3",
    "secondary_import_t4   84C050   83FF0E         r    -       Wh, A+ tariff 4",
    "secondary_export_t1   84D040   83BCFF0E       r    -       Wh, A- tariff 1",
    "secondary_export_t2   84E040   83BCFF0E       r    -       Wh, A- tariff 2",
    "secondary_export_t3   84F040   83BCFF0E       r    -       Wh, A- tariff 3",
    "secondary_export_t4   84C050   83BCFF0E       r    -       Wh, A- tariff 4",
    "secondary_r_import_t1 84D040   FB82F3FF0E     r    -       varh, R+ tariff 1",
    "secondary_r_import_t2 84E040   FB82F3FF0E     r    -       varh, R+ tariff 2",
    "secondary_r_import_t3 84F040   FB82F3FF0E     r    -       varh, R+ tariff 3",
    "secondary_r_import_t4 84C050   FB82F3FF0E     r    -       varh, R+ tariff 4",
    "secondary_r_export_t1 84D040   FB82BCF3FF0E   r    -       varh, R- tariff 1",
    "secondary_r_export_t2 84E040   FB82BCF3FF0E   r    -       varh, R- tariff 2",
    "secondary_r_export_t3 84F040   FB82BCF3FF0E   r    -       varh, R- tariff 3",
    "secondary_r_export_t4 84C050   FB82BCF3FF0E   r    -       varh, R- tariff 4",
    "power_factor          02       FF10           r    i       0.001, negative is export",
    "power_factor_l1       02       FF9001         r    i       0.001",
    "power_factor_l2       02       FF9002         r    i       0.001",
    "power_factor_l3       02       FF9003         r    i       0.001",
    "ratio                 02       FF68           rw   s       transformer ratio, x of x / 5 A",
    "ratio_lock            01       FF14           rw   s       1 locked, 0 not",

    "date                  02       6C             rw   -       type G, date",
    "time_of_day           03       6D             rwas x       type J, time of day, or an offset",
    "time_seconds          06       6D             rw   x       type I, time to the second",
    "primary_address       01       7A             rw   s       0 to 250",
    "identification        07       79             rw   x       secondary address",
    "period_min            01       FF43           rw   s       min, period of demand",
    "tariff_source         01       FF44           rw   s       0 input, 1 bus, 2 clock",
    "tariff_inverted       01       FF45           rw   s       1: input on is tariff 1",
    "baud                  04       FF46           rw   s       baud, 0 for automatic",
    "event                 0D       FF50           r    v       binary, one event",
    "debiting_stop         00       FF40           f    -       close the debiting period",
    "freeze                40       7E             f    -       copy them to storage 1",
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
    """Yield (name, DIB, VIB, access, sets, meaning) of each row, as text stands there."""
    for line in ROWS:
        yield line.split(None, 5)


def legacy():
    """{name: (DIB, VIB, multiplier, divisor)} of the rows that differ in the legacy profile."""
    result = {}
    for line in LEGACY:
        name, dib, vib, multiplier, divisor = line.split()
        result[name] = dib, vib, int(multiplier), int(divisor)
    return result
