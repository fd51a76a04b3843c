# SPDX-License-Identifier: MIT
"""A key that is typed in the wrong place is not repeated, by whatever command, in whatever form."""

import argparse

import pytest
from commands import run
from keyfile import KEY, KEY_TEXT, keyless

from mbusnode import cli

# As people and programs write a key.
SPELLINGS = (
    [KEY_TEXT],
    [KEY_TEXT.lower()],
    ["0x" + KEY_TEXT],
    [KEY.hex(" ")],
    [KEY.hex(":").upper()],
    [KEY.hex("-")],
    [", ".join("0x%02X" % octet for octet in KEY)],
    ["".join("\\x%02x" % octet for octet in KEY)],
    KEY.hex(" ", 4).split(),
    KEY.hex(" ").upper().split(),
    [KEY_TEXT[:-1]],
    [KEY_TEXT + "0"],
    [KEY_TEXT + "G"],
)
# What this is given goes to the bus, which is what it is for.
SENDS = {("raw", "hex")}
# With these each command gets as far as a line that nobody answers.
FILLED = {
    "address": ["5"],
    "old": ["5"],
    "new": ["6"],
    "rate": ["2400"],
    "hex": ["10", "40", "05", "45", "16"],
    "name": ["special_1"],
    "words": [],
    "file": ["no-such-file"],
    "source": ["10"],
}


def commands():
    """(name, its parser) of each."""
    for action in cli.build_parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def filled(name, parser, given):
    """Arguments for a command, with those in given in their places."""
    words, options = [], []
    for action in parser._actions:
        dest = action.dest
        if action.option_strings:
            if dest in given:
                options += [action.option_strings[-1], *given[dest]]
            elif dest == "port":
                options += [action.option_strings[-1], "socket://127.0.0.1:9"]
            elif action.required and action.choices is None:
                options += [action.option_strings[-1], "pico" if dest == "board" else "x"]
        elif dest in given or dest in FILLED:
            words += given.get(dest, FILLED.get(dest))
    return [name, *words, *options]


def places():
    """(command, destination) of all that takes a value."""
    for name, parser in commands():
        for action in parser._actions:
            if action.nargs != 0 and (name, action.dest) not in SENDS:
                yield name, action.dest


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """Nothing that a command makes is left anywhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MBUS_KEYS", str(tmp_path / "keys.toml"))
    monkeypatch.setattr("mbusnode.simulate.run", lambda _: 0, raising=True)


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_a_key_in_the_wrong_place_is_not_repeated(capsys, name):
    parser = dict(commands())[name]
    for spelling in SPELLINGS[1::2]:
        for dest in [where for who, where in places() if who == name]:
            arguments = filled(name, parser, {dest: spelling})
            _, out, err = run(capsys, *arguments)
            try:
                keyless(out + err)
            except AssertionError:
                raise AssertionError((arguments, out, err)) from None


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_a_key_that_is_too_much_is_not_repeated(capsys, name):
    parser = dict(commands())[name]
    for spelling in SPELLINGS[::2]:
        for more in (spelling, ["--secret", *spelling]):
            _, out, err = run(capsys, *filled(name, parser, {}), *more)
            try:
                keyless(out + err)
            except AssertionError:
                raise AssertionError((name, more, out, err)) from None


def test_a_key_as_the_command_is_not_repeated(capsys):
    for spelling in SPELLINGS:
        code, out, err = run(capsys, *spelling)
        assert code == 2 and "usage" in err
        keyless(out + err)


def test_what_is_no_key_is_repeated(capsys):
    for arguments, words in (
        (["read", "5", "--prot", "x"], "--prot x"),
        (["write", "123456780D170102", "no_such_name", "1"], "no_such_name"),
        (["baud", "5", "2401"], "2401"),
        (["nonsense"], "nonsense"),
    ):
        _, _, err = run(capsys, *arguments)
        assert words in err, arguments
