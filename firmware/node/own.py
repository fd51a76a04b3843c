# SPDX-License-Identifier: MIT
"""What registers show that is the module's own; keys have no value where there is none."""

from .sourcetext import OWN

_KNOWN = {
    "SERIAL": lambda module: module.serial,
    "METER_NUMBER": lambda module: bytes(module.identification[:4]),
    "IDENTIFICATION": lambda module: bytes(module.identification),
    "PRIMARY": lambda module: module.primary,
    "VERSION": lambda module: module.version,
    "METROLOGY": lambda module: module.metrology,
    "LAST_ERROR": lambda module: module.last_error(),
    "SECURITY_LEVEL": lambda module: module.keyring.level,
    "KEY_VERSION": lambda module: min(module.keyring.version, 127) or None,
    "COMMAND_COUNTER": lambda module: module.keyring.highest if module.keyring.secured else None,
    "FAILURES": lambda module: module.guard and module.guard.counted,
    "BAUD": lambda module: module.kept_baud,
    "STATUS": lambda module: module.meter_status(),
    "CAUSE": lambda module: module.health.cause,
    "STARTS": lambda module: module.health.starts,
    "WATCHDOGS": lambda module: module.health.watchdogs,
    "CRASHES": lambda module: module.health.crashes,
    "STORE_FAILURES": lambda module: module.health.store_failures,
    "LATE": lambda module: module.health.late,
    "LINE_ERRORS": lambda module: module.health.line_errors,
}


def own(module, index: int):
    """A value by the index of its name in sourcetext.OWN, or None."""
    known = _KNOWN.get(OWN[index])
    return known and known(module)
