# SPDX-License-Identifier: MIT
"""Fixtures of the tests with peers."""

import libmbus
import pytest


@pytest.fixture(scope="session")
def tools():
    """The folder with libmbus's tools; where they cannot be built the test is skipped."""
    try:
        return libmbus.build()
    except libmbus.Unavailable as e:
        pytest.skip(str(e))


def pytest_collection_modifyitems(items):
    """Begin with what takes longest: it sleeps most of its time, beside the others."""
    items.sort(key=lambda item: item.path.name != "test_libmbus_tcp.py")
