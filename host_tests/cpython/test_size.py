# SPDX-License-Identifier: MIT
"""What `make size` measures, as far as it is the same on every machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import size
from importgraph import graph
from mbusnode.report import Report

MICROPYTHON = shutil.which(
    os.environ.get("MICROPYTHON") or str(Path(sys.executable).parent / "micropython")
)
on_micropython = pytest.mark.skipif(not MICROPYTHON, reason="no MicroPython; see make venv")
TELEGRAMS = size.hardest()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """(folder of the .mpy, octets of each file)."""
    folder = tmp_path_factory.mktemp("size") / "firmware"
    return folder, size.compile_all(folder)


def role(findings, name):
    """The finding on a role."""
    return next(found for found in findings if found.what == ".mpy of mbus, " + name)


def test_the_slave_role_keeps_to_its_flash(built):
    assert role(size.flash(built[1], graph(inner=False)), "slave").met


def test_both_roles_with_the_names_of_vif_keep_to_their_flash(built):
    assert role(size.flash(built[1], graph(inner=False)), "slave and master, VIF names").met


def test_a_role_is_what_its_stations_load():
    slave = size.protocol_files(size.SLAVE, graph(inner=False))
    both = size.protocol_files(size.SLAVE + size.MASTER, graph(inner=False))
    assert {"mbus", "mbus.link", "mbus.slave", "mbus.frame", "mbus.echo"} <= set(slave)
    assert not {"mbus.vif", "mbus.master"} & set(slave)
    assert {"mbus.vif", "mbus.viftables", "mbus.exchange", "mbus.master"} <= set(both)
    reader = size.protocol_files(size.SLAVE + size.READER, graph(inner=False))
    assert set(slave) <= set(both) <= set(reader)
    assert {"mbus.decode", "mbus.value", "mbus.datetext"} <= set(reader)


@pytest.mark.parametrize("what", TELEGRAMS)
def test_a_telegram_that_asks_much_is_a_whole_frame(what):
    octets = TELEGRAMS[what]
    assert len(octets) == 261
    assert octets[:4] == b"\x68\xff\xff\x68"
    assert sum(octets[4:-2]) & 0xFF == octets[-2]


@on_micropython
@pytest.mark.parametrize("what", TELEGRAMS)
def test_any_telegram_is_decoded_in_128_kb_compiled_or_not(what, built):
    for folder in (built[0], size.ROOT / "firmware"):
        words = size.probe(folder, "decode", octets=[TELEGRAMS[what]])
        telegrams, records, errors = (int(word) for word in words[:3])
        assert (telegrams, errors) == (1, 0)
        assert records == int(what.split()[0]) if what[0] == "1" else records > 0


@on_micropython
def test_the_corpus_is_decoded_in_128_kb_compiled_or_not(built):
    rows = list(size.corpus("telegrams.json"))
    if not rows:
        pytest.skip("the corpus is absent: set MBUS_CORPUS to the folder of telegrams.json")
    octets = [bytes.fromhex(row["hex"]) for row in rows]
    for folder in (built[0], size.ROOT / "firmware"):
        telegrams, records, _, _ = size.probe(folder, "decode", octets=octets)
        assert int(telegrams) == len(rows)
        assert int(records) == sum(len(Report.of_octets(o).rows) for o in octets)


@on_micropython
def test_a_heap_that_is_too_small_is_told_from_a_failure(built):
    assert not size.decoded(built[0], [TELEGRAMS["real numbers"]], heap=40)
    with pytest.raises(size.SizeError):
        size.decoded(built[0], [b"\x68"])


def test_a_missing_micropython_is_said_plainly():
    command = [sys.executable, size.ROOT / "tools/size.py"]
    env = dict(os.environ, MICROPYTHON="/nowhere/micropython")
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("size: no MicroPython at /nowhere/micropython")


@on_micropython
def test_an_encrypted_exchange_takes_no_more_heap_than_is_said():
    # kB as the README says; 64 bits.
    most = {0: (0, 16), 5: (2, 36), 7: (6, 24)}
    for mode, limits in most.items():
        folder = size.ROOT / "firmware"
        amounts = size.probe(folder, "exchange", str(mode), heap=size.MODULE_HEAP)
        for amount, limit in zip(amounts, limits, strict=True):
            assert int(amount) <= limit * 1024, (mode, amounts)
