# SPDX-License-Identifier: MIT
"""Beginnings of a buffer that are kept."""

import micropython
from mbus.frame import Parts


def test_a_part_is_made_once_and_shows_what_is_written_later():
    parts = Parts(20)
    part = parts.first(5)
    parts.buf[4] = 7
    assert len(part) == 5 and part[4] == 7
    micropython.heap_lock()
    try:
        again = parts.first(5)
    finally:
        micropython.heap_unlock()
    assert again is part


def test_parts_of_many_sizes_are_all_right_and_not_all_kept():
    parts = Parts(200)
    for n in range(1, 200):
        assert len(parts.first(n)) == n
        assert len(parts._made) <= 8
