# SPDX-License-Identifier: MIT
"""Each check of a meter with a key is taken away, and the attack suite notices."""

import pytest
from removals import REMOVALS


@pytest.mark.parametrize(
    ("notices", "removal"), [row[2:] for row in REMOVALS], ids=[row[0] for row in REMOVALS]
)
def test_a_check_that_is_gone_is_missed(monkeypatch, notices, removal):
    removal(monkeypatch)
    with pytest.raises(AssertionError):
        notices()
