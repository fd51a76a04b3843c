# SPDX-License-Identifier: MIT
"""Every command: the record that gives it, and the register that shows it was obeyed."""

from valued import check_obeyed

# Each row: register, access, meter, records before, CI, command, selection, what answers that.
# fmt: off
SETTINGS = (
    "primary_address w plain - 51 017A2A               087A       017A2A",
    "meter_number    w plain - 51 0C7909080706         0879       0C7909080706",
    "identification  w plain - 51 0779090807060D170102 0879       0C7909080706",
    "baud            w plain - 51 04FF462C010000       08FF46     04FF462C010000",
    "tariff_source   w plain - 51 01FF4401             08FF44     01FF4401",
    "tariff_inverted w plain - 51 01FF4501             08FF45     01FF4501",
    "threshold       w plain - 51 04AB48A0860100       08AB48     04AB48A0860100",
    "special_1       w plain - 51 0CFD6711223344       08FD67     0CFD6711223344",
    "special_2       w plain - 51 8C40FD6755667788     8840FD67   8C40FD6755667788",
    "pulse_1         w plain - 51 8440042A000000       884004     8440042A000000",
    "pulse_2         w plain - 51 848040FD3A2B000000   888040FD3A 848040FD3A2B000000",
    "pulse_1_weight  w plain - 51 8440FF42D0070000     8840FF42   8440FF42D0070000",
    "pulse_2_weight  w plain - 51 848040FF42B80B0000   888040FF42 848040FF42B80B0000",
    "period_min      w plain - 51 01FF433C             08FF43     01FF433C",
)
# The commands of CI 6Ch and 6Dh begin with the meter's address and no encryption.
CLOCK = (
    "time         w plain - 51 046D1E29413C                           06ED0C 066D001E49413C31",
    "time_seconds w plain - 51 066D251E29413C35                       06ED0C 066D251E49413C31",
    "date         w plain - 51 026C413C                               06ED0C 066D342F55413C31",
    "time_of_day  w plain - 51 036D251E09                             06ED0C 066D251EE9593A2B",
    "time_of_day  a plain - 51 03ED0109020A                           06ED0C 066D0132275A3A2C",
    "time_of_day  s plain - 51 03ED0209020A                           06ED0C 066D2B2DEB593A2B",
    "time         w plain - 6C 674503120D1701020000000000251E29413C35 06ED0C 066D251E49413C31",
    "time_of_day  a plain - 6D 674503120D170102000000000109020A       06ED0C 066D0132275A3A2C",
    "time_of_day  s plain - 6D 674503120D170102000000000209020A       06ED0C 066D2B2DEB593A2B",
)
# Before some: breaker off, prepayment on, a credit behind that.
FUNCTIONS = (
    "tariff        w bus     -                      51 01FF1304           08FF13           01FF1304",
    "breaker       w breaker -                      51 01FD1F00           08FD1A           01FD1A00",
    "breaker       w breaker 01FD1F00               51 01FD1F01           08FD1A           01FD1A01",
    "breaker       w breaker 01FD1F00               51 01FD1F02           08FD1F           01FD1F02",
    "prepayment    w prepaid -                      51 01FF4101           08FF41           01FF4101",
    "prepayment    w prepaid 01FF4101               51 01FF4100           08FF41           01FF4100",
    "credit        w prepaid 01FF4101               51 04FF0440420F00     08FF04           04FF0440420F00",
    "credit        a prepaid 01FF410104FF0440420F00 51 04FF840102030000   08FF04           04FF0442450F00",
    "credit        c prepaid 01FF410104FF0440420F00 51 00FF8407           08FF04           04FF0400000000",
    "reset_import  c plain   -                      51 8080804084FF8307   8880804084FF03   8480804084FF0300000000",
    "reset_export  c plain   -                      51 8080804084BCFF8307 8880804084BCFF03 8480804084BCFF0300000000",
    "debiting_stop f plain   -                      51 00FFC00B           08FD61           02FD613512",
    "freeze        f plain   -                      51 40FE0B             4804             44040ACD9010",
    "freeze        f plain   -                      5C -                  4804             44040ACD9010",
)
# fmt: on
PROVES = {
    "test_each_setting_is_changed": ("command", "SETTINGS"),
    "test_the_clock_is_set_and_shifted": ("command", "CLOCK"),
    "test_each_function_is_obeyed": ("command", "FUNCTIONS"),
}


def test_each_setting_is_changed():
    check_obeyed(SETTINGS)


def test_the_clock_is_set_and_shifted():
    check_obeyed(CLOCK)


def test_each_function_is_obeyed():
    check_obeyed(FUNCTIONS)
