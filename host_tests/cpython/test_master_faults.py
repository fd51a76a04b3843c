# SPDX-License-Identifier: MIT
"""Each check of a master with keys is taken away, and a test of the others notices."""

import keyedreading
import pytest
import test_counters
import test_keychange
import test_keys_kept
import test_keys_read
import test_secured_lost
import test_secured_master

import test_reader_keys
from mbus import secured as envelope
from mbus.secured import COUNTER, SOUND
from mbusnode import counters, outcome, partner, securedreading
from mbusnode.counters import Counters
from mbusnode.partner import Partner
from mbusnode.securedreading import OpenedMeter
from reader.keys import Keys

GO_ON = Partner._go_on


def nothing(*_):
    """Does not do what it should."""


def always(*_):
    """Finds everything right."""
    return True


def believing(self, key, counter):
    """Seal with any counter that somebody tells."""
    self.key, self._floor = key, counter or 0


def unasked(self, key, counter):
    """Seal without a look at the meter's counter."""
    GO_ON(self, key, None)


def no_counter(opened):
    """Envelope.open() without the check of counters."""

    def open_anyway(self, key, highest=None, last=None):
        code = opened(self, key, highest, last)
        return opened(self, key) if code == COUNTER else code

    return open_anyway


OPEN = envelope.Envelope.open

# What is taken away: object, attribute, in its place; the test that notices, its arguments
# ("tmp_path" and such are fixtures).
FAULTS = (
    (
        "level",
        OpenedMeter,
        "_judged",
        OpenedMeter._lenient,
        test_keys_read,
        "test_a_telegram_below_the_level_is_refused",
        (keyedreading.CLEAR, 2, test_keys_read.CLEAR_BELOW_2),
    ),
    (
        "form",
        OpenedMeter,
        "_judged",
        OpenedMeter._lenient,
        test_keys_read,
        "test_a_telegram_below_the_level_is_refused",
        (keyedreading.MODE_5 + test_keys_read.TAIL, 2, test_keys_read.UNSAFE % 5),
    ),
    (
        "mode 7 required",
        securedreading,
        "_least",
        lambda level: 5,
        test_keys_read,
        "test_a_telegram_below_the_level_is_refused",
        (keyedreading.MODE_5, 3, test_keys_read.BELOW % ("in mode 5", 3, "mode 7")),
    ),
    (
        "another meter",
        OpenedMeter,
        "_may_be",
        always,
        test_keys_read,
        "test_nobody_answers_in_the_place_of_a_meter_with_a_key",
        (),
    ),
    (
        "counter kept",
        Counters,
        "keep",
        nothing,
        test_keys_kept,
        "test_a_recorded_telegram_is_refused_by_the_next_program_too",
        ("capsys", "tmp_path", "monkeypatch"),
    ),
    (
        "counter judged",
        OpenedMeter,
        "_take",
        always,
        test_keys_kept,
        "test_a_recorded_telegram_is_refused_by_the_next_program_too",
        ("capsys", "tmp_path", "monkeypatch"),
    ),
    (
        "lock",
        counters,
        "_locked",
        nothing,
        test_counters,
        "test_two_programs_do_not_use_them_at_once",
        ("tmp_path",),
    ),
    (
        "counter on the disk",
        Counters,
        "take",
        lambda self, floor=0, last=0: max(self.sent, floor) + 1,
        test_counters,
        "test_they_are_on_the_disk_before_they_are_used",
        ("tmp_path",),
    ),
    (
        "leap",
        Partner,
        "_go_on",
        believing,
        test_keychange,
        "test_a_counter_that_nothing_proves_does_not_use_ours_up",
        ("tmp_path", "monkeypatch"),
    ),
    (
        "the meter's counter",
        Partner,
        "_go_on",
        unasked,
        test_secured_lost,
        "test_a_second_master_with_the_same_key_goes_between",
        ("made",),
    ),
    (
        "mode 7 at every level",
        partner,
        "_needs_7",
        lambda records: False,
        test_secured_master,
        "test_mode_5_where_the_key_file_says_so_and_mode_7_where_it_must_be",
        ("capsys", "tmp_path", "monkeypatch"),
    ),
    (
        "outcome by the counter",
        outcome._Command,
        "_weigh_counter",
        nothing,
        test_secured_lost,
        "test_only_the_acknowledgements_are_lost_and_the_counter_tells",
        ("made",),
    ),
    (
        "reader: counter kept",
        Keys,
        "_keep",
        nothing,
        test_reader_keys,
        "test_a_counter_does_not_come_back_over_a_restart",
        (),
    ),
    (
        "reader: counter judged",
        envelope.Envelope,
        "open",
        no_counter(OPEN),
        test_reader_keys,
        "test_a_counter_does_not_come_back_over_a_restart",
        (),
    ),
    (
        "reader: form and level",
        envelope.Envelope,
        "read",
        lambda self, buf, at, end, direction, address=None, least=5: SOUND,
        test_reader_keys,
        "test_what_is_below_the_level_or_wrong_is_refused",
        (),
    ),
)

made = test_secured_lost.made


@pytest.mark.parametrize("fault", FAULTS, ids=[fault[0] for fault in FAULTS])
def test_without_a_check_a_test_fails(fault, request, monkeypatch):
    _, owner, name, replacement, module, test, given = fault
    fixtures = ("capsys", "tmp_path", "monkeypatch", "made")
    arguments = [
        request.getfixturevalue(one) if isinstance(one, str) and one in fixtures else one
        for one in given
    ]
    monkeypatch.setattr(owner, name, replacement)
    with pytest.raises(AssertionError):
        getattr(module, test)(*arguments)
