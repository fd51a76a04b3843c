# SPDX-License-Identifier: MIT
"""The fake chips offer nothing that micropython-rp2-stubs and -esp32-stubs do not know.

Every name, method, keyword and constant of theirs must stand in the stubs of the port, and
whatever a signature of theirs accepts must be accepted there.  Names with an underscore in
front are positional: no caller writes them.
"""

import ast
import calendar
import inspect
import random
import time
from datetime import UTC, datetime

import pytest

from fakechip import coroutines, looping, modules, timers
from fakechip.chip import Chip
from importgraph import ROOT

STUBS = ROOT / ".venv" / "stubs"
# What MicroPython 1.28 has and the stubs leave out, or hand on from another module.
UNLISTED = {
    ("rp2", "rp2", "asm_pio"),
    ("rp2", "rp2", "DMA.count"),
    ("rp2", "rp2", "DMA.write"),
}
VARIANTS = ("rp2", "esp32")
NAMES = ("machine", "time", "micropython", "gc")


class Signature:
    """What one overload of a stub accepts."""

    def __init__(self, arguments, method):
        a = arguments
        positional = a.posonlyargs + a.args
        skip = 1 if method and positional else 0
        self.names = [x.arg for x in a.args if x.arg != "self"] + [x.arg for x in a.kwonlyargs]
        self.positional = [x.arg for x in positional][skip:]
        self.any_keyword = a.kwarg is not None
        self.any_positional = a.vararg is not None
        self.required = len(self.positional) - len(a.defaults)

    def takes(self, count, keywords):
        """Whether so many positional arguments and these keywords are accepted."""
        if count > len(self.positional) and not self.any_positional:
            return False
        taken = self.positional[:count]
        free = [n for n in self.names if n not in taken]
        if not self.any_keyword and not set(keywords) <= set(free):
            return False
        missing = self.positional[count : self.required]
        return self.any_keyword or set(missing) <= set(keywords)


def parse(variant, name):
    """The names of a stub: {name: [Signature] or None for a constant or class}, values."""
    path = STUBS / variant / (name + ".pyi")
    if not path.exists():
        path = STUBS / variant / name / "__init__.pyi"
    known, values = {}, {}

    def walk(body, prefix, method):
        for node in body:
            if isinstance(node, ast.ClassDef):
                known[prefix + node.name] = None
                walk(node.body, prefix + node.name + ".", True)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                known.setdefault(prefix + node.name, []).append(Signature(node.args, method))
            elif isinstance(node, ast.AnnAssign):
                known[prefix + node.target.id] = None
                if isinstance(node.value, ast.Constant):
                    values[prefix + node.target.id] = node.value.value

    walk(ast.parse(path.read_text(encoding="utf-8")).body, "", False)
    return known, values


def offered(module):
    """(dotted name, object) of all that a fake module offers."""
    for name, value in vars(module).items():
        if name.startswith("_"):
            continue
        yield name, value
        if inspect.isclass(value):
            for attribute in dir(value):
                hidden = attribute.startswith("_") and attribute not in ("__init__", "__call__")
                if not hidden and attribute not in vars(object).keys() - {"__init__"}:
                    yield f"{name}.{attribute}", getattr(value, attribute)


def fakes(variant):
    """{module name: fake module}."""
    chip = Chip(variant)
    return {
        "machine": modules.make_machine(chip),
        "time": modules.make_time(chip),
        "micropython": modules.make_micropython(chip),
        "gc": modules.make_gc(chip),
        variant: modules.make_extra(chip),
    }


# irq() returns the object itself: what it has beyond the class is the irq object's.
OF_IRQ = ("flags",)


def cases():
    for variant in VARIANTS:
        for module, fake in fakes(variant).items():
            for name, value in offered(fake):
                yield pytest.param(variant, module, name, value, id=f"{variant}-{module}.{name}")


ALL = list(cases())
PARSED = {(v, m): parse(v, m) for v in VARIANTS for m in (*NAMES, v)}


def internal(module, name):
    """Whether the firmware has no business with it."""
    leaf = name.rpartition(".")[2]
    return leaf in OF_IRQ or (module == "machine" and leaf == "service") or leaf in INTERNAL


# What the hardware behind a StateMachine's model, and a UART, see of it.
INTERNAL = ("push", "close", "take", "give")


@pytest.mark.parametrize(("variant", "module", "name", "value"), ALL)
def test_a_name_of_the_fake_stands_in_the_stub(variant, module, name, value):
    known, values = PARSED[variant, module]
    if (variant, module, name) in UNLISTED or internal(module, name):
        return
    assert name in known or name.endswith((".__init__", ".__call__"))
    if isinstance(value, int) and name in values and isinstance(values[name], int):
        assert value == values[name]


def shapes(function, method):
    """(positional count, keywords) of calls that a function of the fake accepts: all kinds."""
    parameters = list(inspect.signature(function).parameters.values())[1 if method else 0 :]
    assert not any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)
    positional = [p for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD]
    only = [p.name for p in parameters if p.kind == p.KEYWORD_ONLY and p.default is not p.empty]
    must = {p.name for p in parameters if p.kind == p.KEYWORD_ONLY and p.default is p.empty}
    required = sum(p.default is p.empty for p in positional)
    for count in range(required):
        names = [p.name for p in positional[count:required]]
        if not any(name.startswith("_") for name in names):
            yield count, sorted({*names, *must})
    for count in range(required, len(positional) + 1):
        yield count, sorted(must)
        for p in positional[count:]:
            if not p.name.startswith("_"):
                yield count, sorted({p.name} | must)
    for name in only:
        yield required, sorted({name} | must)


@pytest.mark.parametrize(
    ("variant", "module", "name", "value"),
    [p for p in ALL if inspect.isroutine(p.values[3]) or inspect.isfunction(p.values[3])],
)
def test_a_call_that_the_fake_accepts_is_accepted_by_the_stub(variant, module, name, value):
    known, _ = PARSED[variant, module]
    if (variant, module, name) in UNLISTED or internal(module, name) or name not in known:
        return
    overloads = known[name]
    if overloads is None:
        pytest.fail(f"{name} is no function in the stub")
    method = "." in name and not isinstance(value, type(print))
    for count, keywords in shapes(value, method):
        assert any(o.takes(count, keywords) for o in overloads), (count, keywords)


def test_asm_pio_takes_the_options_of_the_stub():
    known, _ = PARSED["rp2", "rp2"]
    options = inspect.signature(fakes("rp2")["rp2"].asm_pio).parameters
    assert sorted(options) == sorted(known["asm_pio"][0].names)


def test_a_call_that_a_stub_refuses_is_found():
    [one] = [Signature(ast.parse("def f(self, a, b=1, /, c=2, *, d): ...").body[0].args, True)]
    assert one.takes(2, ["d"]) and one.takes(3, ["d"]) and one.takes(1, ["c"])
    assert not one.takes(4, ["d"])
    assert not one.takes(1, ["b"])
    assert not one.takes(3, ["c"])
    assert not one.takes(1, ["e"])


def test_what_only_the_documentation_knows_is_refused():
    """The stubs let through what the ports refuse: there the fake is the stricter one."""
    pin = fakes("esp32")["machine"].Pin
    assert "hard" not in inspect.signature(pin.irq).parameters
    assert "pins" not in inspect.signature(fakes("rp2")["machine"].UART.init).parameters


def test_the_loop_of_cpython_offers_names_of_asyncio():
    """Names that MicroPython's asyncio has as well."""
    assert set(dir(coroutines.Asyncio(Chip()))) >= {"run", "create_task", "sleep_ms", "Event"}
    assert looping.WAKE_US == 450


def test_the_calendar_of_the_fake_is_the_world_s():
    chance = random.Random(4)
    for _ in range(2000):
        seconds = chance.randrange(0, 4102444800)
        moment = datetime.fromtimestamp(seconds, UTC)
        fields = timers.fields_of(seconds)
        assert fields == (*moment.timetuple()[:8],)
        assert timers.seconds_of(fields) == seconds == calendar.timegm(time.gmtime(seconds))
