# SPDX-License-Identifier: MIT
"""`make bench` compares like with like; how fast, only the machine at hand can tell."""

import json
import logging

import pytest

import bench


@pytest.fixture(autouse=True)
def silence():
    """pyMeterBus logs to the root logger."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_both_decoders_give_json():
    compared = 0
    for _, octets in bench.telegrams():
        if bench.refusal(octets) is None:
            json.loads(bench.theirs(octets))
            assert json.loads(bench.ours(octets))["frame"]["type"] == "long"
            compared += 1
    assert compared >= 2


def test_what_one_decoder_refuses_is_left_out_with_the_reason():
    assert bench.refusal(b"\x68\x03").startswith("ours: ")
    body = bytes.fromhex("080173785634120A00E97E0100000035010000")  # the fixed structure
    frame = b"\x68\x13\x13\x68" + body + bytes((sum(body) & 0xFF, 0x16))
    assert bench.refusal(frame).startswith("pyMeterBus: MBusFrameDecodeError")


def test_the_decoders_take_turns_and_each_round_is_counted():
    octets = [octets for _, octets in bench.telegrams() if bench.refusal(octets) is None]
    found = bench.rates(octets[:2], rounds=3, round_s=0)
    assert [len(rounds) for rounds in found.values()] == [3, 3]
    assert all(rate > 0 for rounds in found.values() for rate in rounds)
