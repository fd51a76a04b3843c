# SPDX-License-Identifier: MIT
"""`mbus harden`: no REPL, no WebREPL and no access point on a device from now on."""

from mbusnode import onboard
from mbusnode.failure import Failure
from mbusnode.flashing import MAIN

MEANING = """\
From then on nothing that is typed at the USB or serial port stops the meter, and nothing leads
to a prompt.  There is no way back by this tool: flash, provision, diag --port and harden get no
answer any more.  The bus works as before, and what its keys protect stays protected.

To get in again, the whole flash has to be erased and written anew, which forgets counts,
settings and key:
  RP2040, RP2350   hold BOOTSEL while you plug it in; `picotool erase -a`, then the UF2 of
                   MicroPython, then mbus flash
  ESP32 family     `esptool erase_flash` at the serial port, then the image, then mbus flash

What each chip can protect from someone who has the board in hand:
  RP2040           nothing: BOOTSEL and its debug port (SWD) read and write all of the flash,
                   the key too
  RP2350           the same with the stock image; it can take signed images only, and shut its
                   debug port, by fuses that this tool does not burn (boot by USB can be turned
                   off by them too); the flash chip itself stays readable from outside
  ESP32 family     with the stock image esptool reads all of the flash, the key too; fuses for
                   secure boot and flash encryption need a build of your own, as MicroPython's
                   has neither.  At power-up its serial port hears Ctrl-C for some milliseconds
                   before main.py runs
So a device holds a key of its own and no other's, and a seal on the case is what tells.
"""
_EXAMPLES = (
    """\
examples:
  mbus harden --port /dev/ttyACM0             what it means, and which meter it is
  mbus harden 12345678 --port /dev/ttyACM0    do it, to this meter

%s"""
    % MEANING
)

QUIET_S = 0.5

# WebREPL has its password in a file, and is started by boot.py; an access point is up until the
# next start at most.
_NETWORK = """\
try:
 import network
 if 'ESP32' in sys.implementation._machine.upper():network.WLAN(network.AP_IF).active(False)
except ImportError:pass
for _n in('webrepl_cfg.py','boot.py'):
 if _n in os.listdir():os.remove(_n)
"""


def add_parser(subparsers, shared):
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "harden",
        help="turn off the prompt of a device, for good",
        description="Turn off REPL, WebREPL and access point of a device, for good.",
        epilog=_EXAMPLES,
        formatter_class=shared.formatter,
    )
    parser.add_argument(
        "number", metavar="NUMBER", nargs="?", help="its identification number, 8 digits"
    )
    onboard.add_port(parser)
    parser.set_defaults(run=run)


def run(args) -> int:
    """Do it where the device is named, else say what it means."""
    with onboard.opened(args.port) as device:
        onboard.use_program(device)
        number = onboard.address_of(onboard.begin(device))[:8]
        if args.number != number:
            print(MEANING)
            raise Failure(
                "the device at %s is meter %s: to do it, say\n  mbus harden %s --port %s"
                % (args.port, number, number, args.port),
                2,
            )
        device.stop()
        harden(device)
        line = onboard.begin(device)
        if device.listens(QUIET_S):
            raise Failure("the device still has a prompt: mbus flash it anew, and try again")
    print("hardened: nothing that is typed there is heard any more")
    print(line)
    return 0


def harden(device):
    """Take away what leads to a prompt; counts from the next start on."""
    if b'"%s"' % onboard.HARDENED.encode() not in device.read(MAIN):
        raise Failure("the firmware on the board is too old for this: mbus flash it first")
    own = _code(device.read("boot.py")) if device.exists("boot.py") else ""
    if own and "webrepl" not in own:
        raise Failure(
            "boot.py on the board has code of its own, which may open a prompt:\n%s\n"
            "remove it first (mpremote rm :boot.py)" % own
        )
    device.run(_NETWORK)
    device.replace(onboard.HARDENED, b"by mbus harden\n")


def _code(octets):
    lines = octets.decode(errors="replace").splitlines()
    return "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("#"))
