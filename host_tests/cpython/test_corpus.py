# SPDX-License-Identifier: MIT
"""Real telegrams: what independent decoders agree on, and what must be refused or reported."""

import json

import pytest

from mbusnode.decoding import read_line
from mutants import Random, check_damage_stays_in_one_value, corpus, mutate

TELEGRAMS = list(corpus("telegrams.json"))
MALFORMED = list(corpus("malformed.json"))
ABSENT = "the corpus is absent: set MBUS_CORPUS to the folder of telegrams.json"
needs_corpus = pytest.mark.skipif(not TELEGRAMS, reason=ABSENT)

_ROUNDED = "the reference is rounded to six decimals; a real32 is what it is (EN 13757-3, type H)"
_MOMENT = "VIFE 6Fh makes the value the time of the last maximum's end (EN 13757-3, table 15)"

# Where ours is right and the reference value is not: (telegram, record) -> value, error, why.
DEVIATIONS = {
    ("EDC", 8): (0.0007070391, None, _ROUNDED),
    ("SEN_Pollustat", 11): (-0.045776367, None, _ROUNDED),
    ("landis+gyr_ultraheat_t230", 19): (None, "no valid date", _MOMENT),
    ("landis+gyr_ultraheat_t230", 20): (None, "no valid date", _MOMENT),
    ("landis+gyr_ultraheat_t230", 21): ("2011-08-26T20:50", None, _MOMENT),
    ("landis+gyr_ultraheat_t230", 22): ("2011-08-09T11:43", None, _MOMENT),
}

# Where the decoders disagree, what the standard makes of the octets.
DISPUTED = {
    ("ACW_Itron-BM-plus-m", 2): (None, "no valid date"),
    ("itron_bm_+m", 2): (None, "no valid date"),
    ("siemens_water", 3): (None, "no valid date"),
    ("siemens_wfh21", 3): (None, "no valid date"),
    ("ELS_Elster-F96-Plus", 4): (None, "no BCD number (DDDDEBBD)"),
    ("ELS_Elster-F96-Plus", 5): (None, "no BCD number (DDEBBD)"),
    ("abb_f95", 2): (None, "no BCD number (DDEBB4DD)"),
    ("abb_f95", 3): (None, "no BCD number (EBB4DD)"),
    ("LGB_G350", 1): ("2016-07-22T08:00:00", None),
    ("landis+gyr_ultraheat_t230", 32): ("XXXX-01-01T00:00", None),
}

# How many records are kept, and the error with its place.
_END = "the record ends before its data do"
OUTCOMES = {
    "application_busy": (0, "application error 08: application too busy (octet 7)"),
    "buffer_too_long": (0, "application error 02: buffer too long, truncated (octet 7)"),
    "error": (0, "application error 00: unspecified (octet 7)"),
    "premature_end_of_data1": (2, _END + " (octet 29)"),
    "premature_end_of_data2": (2, _END + " (octet 29)"),
    "premature_end_of_dif1": (2, _END + " (octet 29)"),
    "premature_end_of_dif2": (2, _END + " (octet 29)"),
    "premature_end_of_record": (0, "application error 04: premature end of record (octet 7)"),
    "premature_end_of_var_vif1": (3, _END + " (octet 41)"),
    "premature_end_of_vif1": (2, _END + " (octet 29)"),
    "too_long_var_vif": (3, _END + " (octet 41)"),
    "too_many_dife": (3, "more than 10 DIFE (octet 29)"),
    "too_many_difes": (0, "application error 05: more than 10 DIFE (octet 7)"),
    "too_many_readouts": (0, "application error 09: too many readouts (octet 7)"),
    "too_many_records": (0, "application error 03: too many records (octet 7)"),
    "too_many_vife": (3, "more than 10 VIFE (octet 29)"),
    "too_many_vifes": (0, "application error 06: more than 10 VIFE (octet 7)"),
    "too_short_header": (0, "a header of 12 octets is cut off after 5 (octet 7)"),
    "unimplemented_ci": (0, "application error 01: unimplemented CI (octet 7)"),
    "unspecified_error": (0, "application error 00: unspecified (octet 7)"),
    "invalid_length": (0, "length 00 at octet 1 is below 3"),
    # 73h with other than 16 octets is no fixed data structure; what else it is, is not known.
    "invalid_length2": (0, "CI 73 is not decoded (octet 6)"),
    "manual_frame1": (0, "octet 0 is D0, not a start octet"),
    # Commands of a master: decoded, and no meter's answer.
    "manual_frame4": (1, None),
    "manual_frame5": (1, None),
    "manual_frame6": (2, None),
    # Nothing but the manufacturer's data behind DIF 1Fh.
    "svm_f22_telegram2": (0, None),
}


@needs_corpus
@pytest.mark.parametrize("row", TELEGRAMS, ids=lambda row: row["name"])
def test_a_real_telegram_gives_the_values_decoders_agree_on(row):
    report = read_line(row["hex"])
    decoded = json.loads(report.json())
    assert decoded["errors"] == []
    assert len(decoded["records"]) == len(report.rows)
    if "values" not in row:
        return
    assert len(report.rows) == row["records"]
    for i, (record, expected) in enumerate(zip(decoded["records"], row["values"], strict=True)):
        place = (row["name"], i)
        if place in DISPUTED:
            assert expected is None
            assert (record["value"], record.get("error")) == DISPUTED[place]
        elif place in DEVIATIONS:
            assert (record["value"], record.get("error")) == DEVIATIONS[place][:2]
            assert record["value"] != expected
        elif isinstance(expected, str):
            assert record["value"] == expected, place
        else:
            assert record["value"] == pytest.approx(expected, rel=1e-6, abs=0), place


@needs_corpus
def test_every_telegram_of_the_corpus_has_records():
    without = [row["name"] for row in TELEGRAMS if not read_line(row["hex"]).rows]
    assert without == ["frame1"]  # it holds the manufacturer's data alone


@needs_corpus
@pytest.mark.parametrize("row", MALFORMED, ids=lambda row: row["name"])
def test_a_malformed_telegram_has_the_stated_outcome(row):
    kept, error = OUTCOMES[row["name"]]
    report = read_line(row["hex"])
    assert (len(report.rows), report.errors) == (kept, [] if error is None else [error])


@needs_corpus
def test_the_tables_name_what_is_in_the_corpus():
    names = {row["name"] for row in TELEGRAMS}
    assert {name for name, _ in DEVIATIONS} | {name for name, _ in DISPUTED} <= names
    assert set(OUTCOMES) == {row["name"] for row in MALFORMED}


@needs_corpus
def test_100_000_mutants_raise_nothing_and_stay_valid_json():
    random = Random(1)
    octets = [bytes.fromhex(row["hex"]) for row in TELEGRAMS]
    long_frames = [o for o in octets if len(o) > 9]
    for i in range(100_000):
        damaged = mutate(long_frames[i % len(long_frames)], random)
        report = read_line(damaged.hex())
        if i % 20 == 0:
            decoded = json.loads(report.json())
            assert len(decoded["records"]) == len(report.rows)


@needs_corpus
def test_damage_in_one_value_leaves_the_other_records_alone():
    random = Random(2)
    for row in TELEGRAMS:
        check_damage_stays_in_one_value(bytes.fromhex(row["hex"]), random, 100)
