# SPDX-License-Identifier: MIT
"""A key for tests, the file that holds it, and the search for it in whatever was printed."""

import base64
import json
import re

from commands import run

from fakeline import long_frame
from mbus.security import Key

KEY = bytes.fromhex("8F3AC1D70B4E92F65A1D83E07C24B96F")
KEY_TEXT = KEY.hex().upper()
OURS = Key(KEY)
NUMBER = "123456780D170102"
PIECE = 5  # octets of a key in a row that nothing else holds


def keyless(text, key=KEY):
    """Assert that a text holds no piece of the key in any form."""
    digits = re.sub("[^0-9a-f]|0x", "", text.lower())
    numbers = " %s " % " ".join(re.findall(r"\d+", text))
    for at in range(len(key) - PIECE + 1):
        piece = key[at : at + PIECE]
        assert piece.hex() not in digits
        assert " %s " % " ".join(map(str, piece)) not in numbers
        assert piece not in text.encode() and piece not in text.encode("latin-1", "ignore")
        assert piece.decode("latin-1") not in text and repr(piece)[2:-1] not in text
    for start in range(3):
        part = key[start : start + (len(key) - start) // 3 * 3]
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            assert encode(part).decode() not in text


def written(folder, text, mode=0o600):
    """The path of a key file."""
    path = folder / "keys.toml"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def entry(name=NUMBER, level=None, key=KEY_TEXT):
    """The text of one entry."""
    more = "" if level is None else "level = %d\n" % level
    return '[%s]\nkey = "%s"\n%s' % (name, key, more)


def frame(telegram):
    """A frame with this telegram, hexadecimal."""
    return long_frame(0x08, 5, telegram[0], bytes(telegram[1:])).hex()


def decoded(capsys, telegram, *options):
    """(exit code, the JSON of a telegram); whatever was printed holds nothing of the key."""
    code, out, err = run(capsys, "decode", frame(telegram), "--format", "json", *options)
    assert err == ""
    keyless(out)
    return code, json.loads(out)


def security(report):
    """How a decoded telegram is secured."""
    return tuple(report["security"][name] for name in ("mode", "mac", "counter", "clear_octets"))
