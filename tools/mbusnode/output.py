# SPDX-License-Identifier: MIT
"""Print reports as a table for people, or as JSON or CSV lines for programs."""

import csv
import sys

from rich.console import Console
from rich.table import Table

FORMATS = ("table", "json", "csv")

_CSV_COLUMNS = (
    "telegram",
    "identification",
    "manufacturer",
    "device_type_name",
    "access_number",
    "dif",
    "vif",
    "function",
    "storage",
    "tariff",
    "subunit",
    "quantity",
    "unit",
    "value",
    "raw",
    "error",
    "register",
)
_CSV_HEADER = ("identification", "manufacturer", "device_type_name", "access_number")
_CSV_HEAD = _CSV_COLUMNS[5:13]

# Where the output is no terminal nobody says how wide it is: then nothing should be cut.
_WIDTH_WITHOUT_TERMINAL = 160


def console(stderr=False) -> Console:
    """A rich console on standard output or error that neither guesses nor colours values."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _WIDTH_WITHOUT_TERMINAL
    return Console(file=stream, width=width, highlight=False, emoji=False, markup=False)


def printer(form: str):
    """A printer for this format: call add(report) for each telegram."""
    return {"table": TablePrinter, "json": JsonPrinter, "csv": CsvPrinter}[form]()


class JsonPrinter:
    """One JSON object a line and telegram."""

    def add(self, report):
        print(report.json(), flush=True)


class CsvPrinter:
    """One line a record, and one for each error of a telegram."""

    def __init__(self):
        self._writer = csv.writer(sys.stdout, lineterminator="\n")
        self._writer.writerow(_CSV_COLUMNS)
        self._telegram = 0

    def add(self, report):
        self._telegram += 1
        header = report.header or {}
        start = [self._telegram, *(header.get(name, "") for name in _CSV_HEADER)]
        for row in report.rows:
            head = [getattr(row.head, name) for name in _CSV_HEAD]
            self._writer.writerow([*start, *head, row.value, row.raw, row.error, row.register])
        for error in report.errors:
            self._writer.writerow([*start, *("" for _ in _CSV_HEAD), "", "", error, ""])
        sys.stdout.flush()


class TablePrinter:
    """A heading and a table a telegram."""

    def __init__(self):
        self._console = console()

    def add(self, report):
        self._console.print(heading(report))
        if report.rows:
            self._console.print(table(report.rows))
        if report.manufacturer_data:
            self._console.print("manufacturer data: " + report.manufacturer_data)
        if report.more:
            self._console.print("more records follow in the next telegram")
        for error in report.errors:
            self._console.print("error: " + error)
        self._console.print()


def heading(report) -> str:
    """What a telegram is and who sent it, in one line."""
    kind, c, a, ci = report.frame
    if kind is None:
        return "no frame"
    parts = ["E5 (acknowledged)"] if kind == "single" else ["%s frame, C %02X" % (kind, c)]
    if a is not None:
        parts.append("address %d" % a)
    if ci is not None:
        parts.append("CI %02X" % ci)
    header = report.header
    if header:
        if header["identification"]:
            parts.append("meter " + header["identification"])
        if header["manufacturer"]:
            parts.append("%s version %d" % (header["manufacturer"], header["version"]))
        if header["device_type_name"]:
            parts.append(header["device_type_name"])
        parts.append("access number %d" % header["access_number"])
        if header["status"]:
            flags = ", ".join(header["status_flags"]) or "set"
            parts.append("status %02X (%s)" % (header["status"], flags))
        if header["security_mode"]:
            parts.append("security mode %d" % header["security_mode"])
    return ", ".join(parts)


def table(rows) -> Table:
    """Records as a table, with registers where one has a name; no value shows why."""
    result = Table(box=None, pad_edge=False, header_style="bold")
    for title, justify in (
        ("name", "left"),
        ("value", "right"),
        ("unit", "left"),
        ("tariff", "right"),
        ("storage", "right"),
        ("subunit", "right"),
        ("function", "left"),
        ("DIF VIF", "left"),
    ):
        result.add_column(title, justify=justify, overflow="fold")
    registers = any(row.register for row in rows)
    if registers:
        result.add_column("register", overflow="fold")
    for row in rows:
        head = row.head
        value = "-" if row.value is None else row.value
        if row.error:
            value += " (%s)" % row.error
        numbers = [str(n) if n else "" for n in (head.tariff, head.storage, head.subunit)]
        form = ("%s %s" % (head.dif, head.vif)).strip()
        cells = [head.quantity, value, head.unit, *numbers, head.function, form]
        if registers:
            cells.append(row.register or "")
        result.add_row(*cells)
    return result
