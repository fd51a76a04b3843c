# SPDX-License-Identifier: MIT
"""`mbus provision`: who a device is, written once, and its first key."""

import os
import secrets
from base64 import b64encode

from mbus.header import secondary_octets
from mbus.security import BLOCK
from mbusnode import configuring, keyfile, keys, onboard, repl
from mbusnode.failure import Failure

_EXAMPLES = """\
examples:
  mbus provision --port /dev/ttyACM0 --serial 10000017 --manufacturer ABC --version 1
  mbus provision --port /dev/ttyACM0 --key --level 3
  mbus provision --port /dev/ttyACM0 --level 1     another level for the key that is there
  mbus provision --port /dev/ttyACM0 --remove-key  everything in clear again

What it is is written once; no update and no other settings change it.  The identification
number is the serial number unless --identification says otherwise, and a master may change it.

--key makes a key at random, prints it once, and keeps it in the key file of this machine
(%s, or %s; mode 600), where the other commands find it.  Levels:
  0  nothing needs to be secured            1  commands do, in mode 5 or 7
  2  read-outs too                          3  all of it in mode 7
Over the bus no level is changed, and no key taken away.  After ten failures within a minute
commands pause for one, by whomever they came; --no-pause, with the level, turns that off.
""" % (keys.DEFAULT, "$" + keys.VARIABLE)

_KEYRING = """\
from node.keyring import Keyring,KeyringError
_k=Keyring(Store(_o.load,_o.save))
"""
_PROVISION = """\
try:print('version',_k.provision(%s,%d,%r))
except KeyringError as e:print('refused:',e)
"""


def add_parser(subparsers, shared):
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "provision",
        help="write once who a device is, and set its first key",
        description="Write serial number, manufacturer and version once; set the first key.",
        epilog=_EXAMPLES,
        formatter_class=shared.formatter,
    )
    onboard.add_port(parser)
    parser.add_argument("--serial", metavar="DIGITS", help="8 digits")
    parser.add_argument("--manufacturer", metavar="ABC", help="three capital letters")
    parser.add_argument("--version", metavar="N", help="0 to 255")
    parser.add_argument("--identification", metavar="DIGITS", help="default: the serial number")
    parser.add_argument("--key", action="store_true", help="make the first key")
    parser.add_argument(
        "--level", type=int, choices=range(4), help="default: %d" % keys.DEFAULT_LEVEL
    )
    parser.add_argument("--no-pause", action="store_true", help="failures do not pause commands")
    parser.add_argument("--remove-key", action="store_true", help="take the key away")
    parser.set_defaults(run=run)


def run(args) -> int:
    """Do it, and tell."""
    unit = unit_of(args)
    relevel = args.level is not None and not args.key
    if not unit and not args.key and not relevel and not args.remove_key:
        raise Failure("give --serial, --manufacturer and --version, or --key, or all", 2)
    if relevel and unit:
        raise Failure("--level goes with --key, or alone where there is a key", 2)
    if args.remove_key and (unit or args.key or relevel):
        raise Failure("--remove-key goes alone", 2)
    if args.no_pause and args.level is None:
        raise Failure("--no-pause goes with --level", 2)
    if relevel or args.remove_key:
        return _change(args)
    if args.key and os.path.exists(path := keyfile.usual_path()):
        keys.load(path)  # refused before anything is done
    with onboard.opened(args.port) as device:
        onboard.use_program(device)
        known = onboard.settings(device, onboard.UNIT)
        if unit and (known or device.exists(onboard.UNIT)):
            what = ", ".join("%s %s" % item for item in known.items()) or "what cannot be read"
            raise Failure("this device was provisioned before, which is done once: " + what)
        if args.key:
            _refuse_second(device)
        if unit:
            octets = configuring.compiled(unit)
            device.replace(onboard.UNIT, octets)
            if device.read(onboard.UNIT) != octets:
                raise Failure("%s on the board is not what was sent" % onboard.UNIT)
            print("written: " + ", ".join("%s %s" % item for item in unit.items()))
        line = onboard.begin(device)
        if args.key:
            address = onboard.address_of(line)
            level = keys.DEFAULT_LEVEL if args.level is None else args.level
            line = _give_key(device, address, level, not args.no_pause)
        print(line)
    return 0


def unit_of(args) -> dict:
    """The settings that say which unit it is, none where none is given; Failure."""
    given = {"serial": args.serial, "manufacturer": args.manufacturer, "version": args.version}
    missing = ["--" + name for name, text in given.items() if text is None]
    if len(missing) == len(given) and args.identification is None:
        return {}
    if missing:
        raise Failure("%s missing: they are written together, once" % ", ".join(missing), 2)
    given["identification"] = args.identification or args.serial
    configuring.made("", given)
    return given


def _change(args):
    """Another level for the key that is there, or none any more."""
    path = keyfile.usual_path()
    ring = keys.load(path) if os.path.exists(path) else keys.Ring()
    with onboard.opened(args.port) as device:
        onboard.use_program(device)
        line = onboard.begin(device)
        address = secondary_octets(onboard.address_of(line))
        device.stop()
        onboard.use_program(device)
        device.run(_KEYRING)
        key, level = ("None", 0) if args.remove_key else ("b''", args.level)
        said = device.run(_PROVISION % (key, level, not args.no_pause)).strip()
        if not said.startswith("version "):
            raise Failure("the board says: " + said)
        if ring.find(address):
            if args.remove_key:
                keyfile.remove(path, address)
            else:
                keyfile.set_level(path, address, level)
        print("it has no key any more" if args.remove_key else "its level is %d now" % level)
        print(onboard.begin(device))
    return 0


def _refuse_second(device):
    device.run(_KEYRING)
    if device.value("_k.secured"):
        raise Failure(
            "this device has a key already; `mbus key ADDRESS change` gives it another one"
        )


def _give_key(device, address, level, pauses):
    """The key is on this machine before it is on the device, so that it is never lost."""
    device.stop()
    onboard.use_program(device)
    device.run(_KEYRING)
    key, path, octets = secrets.token_bytes(BLOCK), keyfile.usual_path(), secondary_octets(address)
    replaced = _keep(path, octets, key, level)
    try:
        said = device.run(_PROVISION % ("_a(%r)" % b64encode(key), level, pauses)).strip()
    except repl.RemoteError as e:
        said = str(e)
    except Failure as e:
        raise Failure(
            "%s\nWhether it has the key is not known; %s keeps it.  Do it again: a device "
            "without a key takes another one" % (e, path)
        ) from None
    taken = said.startswith("version ")
    if replaced:
        keyfile.settle(path, octets, taken)
    elif not taken:
        keyfile.remove(path, octets)
    if not taken:
        raise Failure("the board took no key: " + said)
    if replaced:
        keyfile.set_level(path, octets, level)
    print("key of %s, printed this once: %s" % (address, key.hex().upper()))
    print("it stands in %s too, level %d" % (path, level))
    return onboard.begin(device)


def _keep(path, address, key, level):
    """Put the key into the key file; whether one was there, of a try before."""
    entry = os.path.exists(path) and keys.load(path).find(address)
    if not entry:
        keyfile.add(path, address, key, level)
        return False
    if entry.pending:
        keyfile.settle(path, address, False)
    keyfile.set_pending(path, address, key)
    return True
