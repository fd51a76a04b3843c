# SPDX-License-Identifier: MIT
"""The time table of tariffs as a setting, and that the parts of the meter take what is allowed."""

from helpers import raises
from meter.clock import RULES, Clock
from meter.demand import MINUTES
from meter.energy import PulseWeight
from meter.schedule import Schedule
from meter.tariff import ALL_DAYS, ALL_MONTHS, CLOCK, ENTRIES_MAX, Tariff, TimeTable
from node import ConfigError
from node.config import Config
from node.configkeys import rows


def table(text):
    return Config({"tariff_table": text}).tariff_table


def test_an_entry_is_days_months_a_time_and_a_tariff():
    for text, entry in (
        ("Mo-Su 1-12 00:00 1", (ALL_DAYS, ALL_MONTHS, 0, 1)),
        ("Mo-Fr 1-3,10-12 06:00 2", (0x1F, 0xE07, 360, 2)),
        ("Sa,Su 7 23:59 4", (0x60, 0x40, 1439, 4)),
        ("Sa-Mo 11-2 22:30 3", (0x61, 0xC03, 1350, 3)),
        ("We,We 2,2-3 08:05 1", (0x04, 0x06, 485, 1)),
    ):
        assert table(text) == (entry,), text
        assert table(" %s ;%s" % (text, text)) == (entry, entry), text


def test_a_wrong_entry_is_named_with_what_is_allowed():
    for wrong in (
        "",
        "Mo 1 06:00",
        "Mo 1 06:00 1 1",
        "mo 1 06:00 1",
        "Mo- 1 06:00 1",
        "Mo,,Tu 1 06:00 1",
        "Mo-We-Fr 1 06:00 1",
        "Mo 0 06:00 1",
        "Mo 13 06:00 1",
        "Mo 01 06:00 1",
        "Mo 1 6:00 1",
        "Mo 1 24:00 1",
        "Mo 1 06:60 1",
        "Mo 1 0600 1",
        "Mo 1 06:00 0",
        "Mo 1 06:00 5",
    ):
        message = str(raises(ConfigError, table, "Mo 1 00:00 1;" + wrong))
        assert ("tariff_table=entry 2, %s:" % wrong) in message, message
        assert "DAYS MONTHS HH:MM TARIFF" in message


def test_there_are_16_entries_at_most():
    entry = "Mo 1 06:00 1"
    assert len(table(";".join([entry] * ENTRIES_MAX))) == 16
    message = str(raises(ConfigError, table, ";".join([entry] * 17)))
    assert "at most 16 entries" in message


def test_the_meter_takes_what_the_settings_allow():
    allowed = {row[0]: row[2] for row in rows()}
    assert allowed["dst"] == "|".join(RULES)
    assert allowed["period_min"] == "|".join([str(minutes) for minutes in MINUTES])
    for unit in allowed["pulse1_unit"].split("|") + allowed["pulse2_unit"].split("|"):
        PulseWeight(0xFFFFFFFF, 0xFFFFFFFF, unit)
    for day in allowed["debit_day"].split(".."):
        for minute in allowed["debit_minute"].split(".."):
            Schedule(int(day), int(minute))
    for minutes in allowed["utc_offset_min"].split(".."):
        Clock(0, standard_min=int(minutes))
    config = Config({"tariff_source": "clock", "tariff_table": "Mo-Fr 1-12 06:00 2"})
    assert config.tariff_source == CLOCK
    Tariff(source=config.tariff_source, table=TimeTable(config.tariff_table))
