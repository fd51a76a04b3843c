# SPDX-License-Identifier: MIT
"""Any sequence of energy, time, commands, debiting stops and restarts, on a whole module.

The module stands behind a line and is held against exact fractions after each step.  The
fault tests at the end break one thing each and show that the property finds it.
"""

import re

import pytest
from faults import FAULTS
from hypothesis import Phase, given, settings
from metermodel_steps import SEQUENCES, VARIANTS, hold

SETTINGS = settings(derandomize=True, database=None, deadline=None, report_multiple_bugs=False)


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_a_module_shows_is_what_was_measured_and_ordered(variant):
    @settings(parent=SETTINGS, max_examples=60)
    @given(SEQUENCES["all"])
    def check(sequence):
        hold(variant, sequence)

    check()


@pytest.mark.parametrize(
    ("variant", "steps", "words", "fault"), [row[1:] for row in FAULTS], ids=[r[0] for r in FAULTS]
)
def test_a_fault_is_found(monkeypatch, variant, steps, words, fault):
    @settings(parent=SETTINGS, max_examples=1000, phases=(Phase.generate,))
    @given(SEQUENCES[steps])
    def attempt(sequence):
        hold(variant, sequence)

    fault(monkeypatch)
    with pytest.raises(AssertionError) as found:
        attempt()
    assert re.search(words, str(found.value))
