# SPDX-License-Identifier: MIT
"""What the tests of both runtimes share."""


def raises(error, function, *args):
    """Call function(*args); return the error of that class it raises, fail if it raises none."""
    try:
        function(*args)
    except error as e:
        return e
    raise AssertionError("%s not raised" % error.__name__)
