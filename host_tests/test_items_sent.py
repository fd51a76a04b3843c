# SPDX-License-Identifier: MIT
"""What is sent unasked: each telegram and each set of application select, name by name.

The other test_items files show what the record of each name is.
"""

from test_readout_sets import every, flat, sent

# fmt: off
BILLING = "energy_import energy_export reactive_import reactive_export"
MAXIMA = "max_import max_export max_import_t1 max_import_t2"
MAXIMA_Q = "max_var_import max_var_export"
PHASES = (
    "voltage_l1 voltage_l2 voltage_l3 current_l1 current_l2 current_l3 power_l1 power_l2 power_l3"
)
TARIFFS = (
    "import_t3 import_t4 export_t1 export_t2 export_t3 export_t4"
    " r_import_t1 r_import_t2 r_import_t3 r_import_t4"
    " r_export_t1 r_export_t2 r_export_t3 r_export_t4"
)
# Letter of the set in the register table, sub-code of application select, registers in order.
SENT = (
    ("1", "01", BILLING + " import_t1 import_t2 " + MAXIMA + " sum_max_import power_import"
                " serial meter_number time hours"),
    ("2", "02", "verify_import verify_export max_time max_time_t1 max_time_t2 " + MAXIMA_Q +
                " " + PHASES),
    ("3", "03", "reset_import reset_export import_t3 import_t4 export_t1 export_t2"
                " r_import_t1 r_import_t2 r_export_t1 r_export_t2"
                " sum_max_export power_export reactive_q1 reactive_q4 periods"
                " var_import var_export frequency status tariff version last_error"),
    ("b", "20", BILLING + " serial time"),
    ("e", "30", BILLING + " " + MAXIMA + " serial time " + MAXIMA_Q),
    ("t", "40", "import_t1 import_t2 max_import_t1 max_import_t2 serial "
                + TARIFFS + " tariff"),
    ("i", "50", "power_import serial " + PHASES + " power_export var_import var_export frequency"
                " power_factor power_factor_l1 power_factor_l2 power_factor_l3"),
    ("l", "60", "serial tariff threshold threshold_count pulse_1 pulse_2"
                " pulse_1_state pulse_2_state credit prepayment breaker_state breaker"),
    ("s", "80", "serial meter_number status version rtc_status metrology"
                " pulse_1_weight pulse_2_weight security_level key_version command_counter"
                " ratio ratio_lock primary_address period_min tariff_source tariff_inverted baud"),
)
# Behind enhanced billing: the newest closed period, storage 1.
STORED = (
    BILLING + " import_t1 import_t2 " + MAXIMA + " sum_max_import time"
    " max_time max_time_t1 max_time_t2 " + MAXIMA_Q + " " + TARIFFS + " sum_max_export"
    " reactive_q1 reactive_q4 sum_max_var_import sum_max_var_export"
)
# fmt: on
PROVES = {"test_each_telegram_and_set_has_its_registers_in_order": ("sent", "SENT")}


def test_each_telegram_and_set_has_its_registers_in_order():
    for letter, sub, names in SENT:
        bench = every(telegrams=3)
        assert bench.readout.select(int(sub, 16), bench.snapshot)
        expected = names.split()
        if letter == "e":
            expected += [name + "_1" for name in STORED.split()]
        assert flat(sent(bench)) == expected, letter
