# SPDX-License-Identifier: MIT
"""The tables of README that show what a meter sends and obeys, and the test that proves each item.

Made from the register table (firmware/node/registertext.py), the list of the datasheet's items
below and what the files host_tests/test_items_*.py say of themselves (PROVES).  Run as a
program it prints the tables, or with --readme puts them into README.
"""

import importlib
import re
import sys
from collections import namedtuple
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
if __name__ == "__main__":
    sys.path[1:1] = [str(ROOT / folder) for folder in ("host_tests", "firmware", "tools/shims")]

from node import registertext  # noqa: E402

_KINDS = ("import", "export", "r_import", "r_export")


def _tariffs(*kinds):
    return " ".join(f"{kind}_t{tariff}" for kind in kinds for tariff in (1, 2, 3, 4))


# fmt: off
# Groups of the model product's datasheet, their items, and the registers that each of them is.
DATASHEET = (
    ("Standard data", (
        ("A+, A-, R+, R-", "energy_import energy_export reactive_import reactive_export"),
        ("A+ T1, T2", "import_t1 import_t2"),
        ("max P+, max P-", "max_import max_export"),
        ("max P+ T1, T2", "max_import_t1 max_import_t2"),
        ("accumulated max P+", "sum_max_import"),
        ("actual P+", "power_import"),
        ("meter number, serial number", "meter_number serial"),
        ("time, date", "time date time_of_day time_seconds"),
        ("hour counter", "hours"),
    )),
    ("Manufacturer-specific data", (
        ("verification A+, A-", "verify_import verify_export"),
        ("max P+ RTC, and T1, T2", "max_time max_time_t1 max_time_t2"),
        ("max Q+, Q-", "max_var_import max_var_export"),
        ("voltage L1 to L3", "voltage_l1 voltage_l2 voltage_l3"),
        ("current L1 to L3", "current_l1 current_l2 current_l3"),
        ("power L1 to L3", "power_l1 power_l2 power_l3"),
    )),
    ("On request, standard", (
        ("resettable A+, A-", "reset_import reset_export"),
        ("A+ T3, T4", "import_t3 import_t4"),
        ("A- T1 to T4", _tariffs("export")),
        ("R+, R- T1 to T4", _tariffs("r_import", "r_export")),
        ("accumulated max P-", "sum_max_export"),
        ("actual P-", "power_export"),
    )),
    ("On request, manufacturer-specific", (
        ("R1, R4", "reactive_q1 reactive_q4"),
        ("accumulated max Q+, Q-", "sum_max_var_import sum_max_var_export"),
        ("number of debiting periods", "periods"),
        ("actual Q+, Q-", "var_import var_export"),
        ("power threshold value, counter", "threshold threshold_count"),
        ("meter status, RTC status", "status rtc_status"),
        ("software version", "version"),
        ("pulse input", "pulse_1 pulse_2 pulse_1_state pulse_2_state"),
        ("special data 1, 2", "special_1 special_2"),
        ("active tariff", "tariff"),
        ("A+ prepayment", "credit"),
    )),
    ("CT meters", (
        ("secondary A+, A-, R+, R-", " ".join("secondary_" + kind for kind in _KINDS)),
        ("secondary R1, R4", "secondary_q1 secondary_q4"),
        ("secondary A+, A-, R+, R- T1 to T4", _tariffs(*("secondary_" + k for k in _KINDS))),
        ("power factor, total and L1 to L3",
         "power_factor power_factor_l1 power_factor_l2 power_factor_l3"),
        ("transformer ratio, ratio lock", "ratio ratio_lock"),
    )),
    ("Read back what commands do", (
        ("primary address, complete identification", "primary_address identification"),
        ("breaker", "breaker breaker_state"),
        ("prepayment on, off", "prepayment"),
        ("pulse weight", "pulse_1_weight pulse_2_weight"),
        ("integration period", "period_min"),
        ("tariff source and inversion", "tariff_source tariff_inverted"),
        ("debiting stop", "debiting_stop"),
    )),
    ("Not in the datasheet", (
        ("frequency", "frequency"),
        ("metrology version", "metrology"),
        ("last application error", "last_error"),
        ("freeze", "freeze"),
        ("security", "security_level key_version command_counter security_failures"),
        ("baud rate", "baud"),
        ("events", "event"),
        ("starts of the device", "reset_cause starts watchdog_resets"),
        ("failures of the device", "crashes crash store_failures late_replies line_errors"),
    )),
)
# The model product's commands, the registers that take them, and the access that it needs.
COMMANDS = (
    ("primary address", "w", "primary_address"),
    ("meter number", "w", "meter_number"),
    ("complete identification", "w", "identification"),
    ("RTC programming", "w", "time time_seconds date time_of_day"),
    ("add time offset", "a", "time_of_day"),
    ("subtract time offset", "s", "time_of_day"),
    ("tariff control", "w", "tariff"),
    ("breaker disconnect, connect, release", "w", "breaker"),
    ("debiting stop", "f", "debiting_stop"),
    ("clear resettable counters", "c", "reset_import reset_export"),
    ("prepayment on, off", "w", "prepayment"),
    ("prepayment set", "w", "credit"),
    ("prepayment add", "a", "credit"),
    ("prepayment clear", "c", "credit"),
    ("power threshold", "w", "threshold"),
    ("special data 1, 2", "w", "special_1 special_2"),
    ("transformer ratio, ratio lock", "w", "ratio ratio_lock"),
    ("pulse counter preset", "w", "pulse_1 pulse_2"),
    ("pulse weight", "w", "pulse_1_weight pulse_2_weight"),
    ("integration period", "w", "period_min"),
    ("tariff source and inversion", "w", "tariff_source tariff_inverted"),
    ("ours: baud rate", "w", "baud"),
    ("ours: freeze", "f", "freeze"),
)
# fmt: on

# Letters of the register table that mean a place in a readout; 1 to 3 are telegrams.
_SETS = (("b", "20"), ("e", "30"), ("t", "40"), ("i", "50"), ("l", "60"), ("s", "80"))
_STORAGES = (("h", "1..15"), ("v", "0..63"))
_UNIT = re.compile(
    r"(?:[\d.]+ )?(?:Wh|k?varh|W|var|V|mA|Hz|h|min|baud)|0\.001|type [A-J]|text|binary"
)

# What proves a register: a test's file without .py, its function, the name of its table.
Proof = namedtuple("Proof", "file function table")


def items():
    """Yield (group, item, register name) in the order of the datasheet."""
    for group, entries in DATASHEET:
        for item, names in entries:
            for name in names.split():
                yield group, item, name


def modules():
    """{file without .py: module} of the tests of items."""
    names = sorted(path.stem for path in (ROOT / "host_tests").glob("test_items_*.py"))
    return {name: importlib.import_module(name) for name in names}


def columns(row):
    """The first three columns of a row, which may be one text."""
    return row.split(None, 2) if isinstance(row, str) else row


def rows_for(table, name, mark=None):
    """The rows of a table that prove a register; of commands only those with the access mark.

    Of the table of telegrams and sets: the row of the set mark, if the register is in it.
    """
    if table[0][0] == "1":
        return tuple(row for row in table if row[0] == mark and name in row[2].split())
    found = (row for row in table if columns(row)[0] == name)
    return tuple(row for row in found if mark in (None, columns(row)[1]))


def proofs(name, what, mark=None):
    """The proofs of a register; what is one of the words that host_tests/valued.py explains."""
    return [
        Proof(file, function, table)
        for file, module in modules().items()
        for function, (words, table) in module.PROVES.items()
        if what in words.split() and rows_for(getattr(module, table), name, mark)
    ]


def _octets(text):
    return " ".join(text[i : i + 2] for i in range(0, len(text), 2))


def _sent(sets):
    telegrams = "/".join(letter for letter in "123" if letter in sets)
    where = [f"telegram {telegrams}" if telegrams else "on request"]
    where += [sub for letter, sub in _SETS if letter in sets]
    where += [words for letter, words in _STORAGES if letter in sets]
    return ", ".join(where + ["48 bits"] * ("w" in sets))


def _cited(found):
    return f"`{found[0].file}::{found[0].function}`" if found else "none"


def markdown() -> str:
    """The items as a table for the README."""
    table = {row[0]: row[1:] for row in registertext.rows()}
    lines = [
        "| item | register | DIF, VIF | unit | sent | access | test |",
        "|---|---|---|---|---|---|---|",
    ]
    before = None, None
    for group, item, name in items():
        if group != before[0]:
            lines.append(f"| **{group}** | | | | | | |")
        shown = item if (group, item) != before else ""
        before = group, item
        dib, vib, access, sets, _, meaning = table[name]
        unit = _UNIT.fullmatch(meaning.split(",")[0])
        head = f"{_octets(dib)}, {_octets(vib)}"
        cells = [shown, f"`{name}`", head, unit[0] if unit else "", _sent(sets), access]
        found = proofs(name, "value" if "r" in access else "command")
        lines.append("| " + " | ".join([*cells, _cited(found)]) + " |")
    return "\n".join(lines)


def commands_markdown() -> str:
    """The commands as a table for the README."""
    lines = ["| command | registers | access | test |", "|---|---|---|---|"]
    for words, access, names in COMMANDS:
        registers = " ".join(f"`{name}`" for name in names.split())
        found = proofs(names.split()[0], "command", access)
        lines.append(f"| {words} | {registers} | {access} | {_cited(found)} |")
    return "\n".join(lines)


def written(text: str) -> str:
    """The text of README with the tables as they are now."""
    for table in (markdown(), commands_markdown()):
        heading = table.partition("\n")[0]
        found = re.findall(rf"^{re.escape(heading)}\n(?:\|.*\n)*", text, re.M)
        if len(found) != 1:
            raise SystemExit(f"README.md has {len(found)} tables that begin with {heading}")
        text = text.replace(found[0], table + "\n")
    return text


if __name__ == "__main__":
    if sys.argv[1:] == ["--readme"]:
        README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(markdown(), commands_markdown(), sep="\n\n")
