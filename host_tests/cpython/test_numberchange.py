# SPDX-License-Identifier: MIT
"""Another number for a meter with a key: the key file has it, whatever is cut."""

import os
from itertools import count as numbers

import pytest
from cuts import Cuts, PowerCut, freed
from keyedmeter import KeyedMeter, written_once
from keyfile import KEY, NUMBER, OURS, entry, written

from mbusnode import keys, writing
from mbusnode.counters import Ledger
from mbusnode.failure import Failure
from mbusnode.partner import Partner
from securedtelegrams import METER

OTHER_NUMBER = "876543210D170102"


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs the list of descriptors")
@pytest.mark.parametrize("level", [1, 3])
@pytest.mark.parametrize("name", [NUMBER, NUMBER[:8]])
def test_a_meter_is_found_under_its_number_whatever_write_is_cut(
    tmp_path, monkeypatch, level, name
):
    moved = []
    for left in numbers():
        folder = tmp_path / str(left)
        folder.mkdir()
        path = written(folder, entry(name, level))
        meter = KeyedMeter(monkeypatch, level, KEY)
        with monkeypatch.context() as patch:
            Cuts(patch, left)
            try:
                one, ledger = meter.partner(path)
                writing.carry_out(one, "5", writing.order("meter_number", OTHER_NUMBER[:8]))
                ledger.close()
                done = True
            except PowerCut:
                done = False
        freed()
        number = bytes(meter.owner.module.identification)
        written_once(meter, path, "1", number)
        found = keys.load(path).find(number)
        assert found.moving is None and found.address == number[: len(found.address)]
        moved.append(number != METER)
        with Ledger(path) as ledger:
            assert ledger.of(number, OURS).sent == meter.owner.module.keyring.highest
        if done:
            break
    assert len(moved) > 25 and moved == sorted(moved) and moved[-1]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs the list of descriptors")
def test_a_new_number_that_is_not_kept_beside_the_old_one_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(Partner, "begin_moving", lambda self, new: None)
    with pytest.raises((AssertionError, Failure)):
        test_a_meter_is_found_under_its_number_whatever_write_is_cut(
            tmp_path, monkeypatch, 3, NUMBER
        )
    freed()
