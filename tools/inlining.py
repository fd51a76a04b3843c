# SPDX-License-Identifier: MIT
"""The firmware's source with the integer constants of its files put where they are used.

mpy-cross does that with the private constants of one file.  A public one costs a device a name,
a place in the dictionary of each file that imports it, and a look-up each time; here it costs
nothing.  Lines stay where they are.
"""

import ast
import operator
from functools import cache

from importgraph import base_of, firmware_files
from rolefiles import device_files

_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
}
_UNARY = {ast.Invert: operator.invert, ast.USub: operator.neg}
_CONST = ("micropython", "const")


def _bound(tree) -> list:
    """The names a file binds, imports and methods aside."""
    found, todo = [], [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.append(node.id)
        elif isinstance(node, ast.arg):
            found.append(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ExceptHandler)):
            found.append(node.name)
        elif isinstance(node, ast.ClassDef):
            found.append(node.name)
            todo.extend(child for inner in node.body for child in ast.iter_child_nodes(inner))
            continue
        todo.extend(ast.iter_child_nodes(node))
    return found


class Source:
    """A file, and what its names stand for.

    imported  {name: (file, name there)}, and (file, None) of a whole file
    fixed     {name: statement} of what it binds once, by an assignment at its top
    computed  the files whose names it uses in ways that are not seen here: computed ones, or
              where its own name for one stands for two things
    """

    def __init__(self, name, path):
        self.text = path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        files, bound = firmware_files(), _bound(self.tree)
        self.imported, self.computed, unclear = {}, set(), set()
        self.imports_from = [n for n in ast.walk(self.tree) if isinstance(n, ast.ImportFrom)]
        for node in self.imports_from:
            base = base_of(node, name, path)
            for alias in node.names:
                full, own = base + "." + alias.name, alias.asname or alias.name
                meant = (full, None) if full in files else (base, alias.name)
                if own in bound or self.imported.setdefault(own, meant) != meant:
                    unclear.add(own)
                    self.computed.add(meant[0])
        for own in unclear:
            self.imported.pop(own, None)
        self.fixed = {
            node.targets[0].id: node
            for node in self.tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and bound.count(node.targets[0].id) == 1
        }
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr":
                file, whole = self.imported.get(getattr(node.args[0], "id", ""), (None, 0))
                if whole is None:
                    self.computed.add(file)


@cache
def sources() -> dict:
    """{dotted name: Source} of the whole firmware."""
    return {name: Source(name, path) for name, path in firmware_files().items()}


@cache
def _kept() -> frozenset:
    """The files whose constants stay, for a device computes which it wants."""
    return frozenset().union(*(sources()[name].computed for name in device_files()))


def _meant(source, node):
    """(file or None for this one, name) of what an expression names; None if nothing of ours."""
    if isinstance(node, ast.Name):
        if node.id in source.fixed:
            return None, node.id
        found = source.imported.get(node.id)
        return found if found and found[1] else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        file, whole = source.imported.get(node.value.id, (None, 0))
        return (file, node.attr) if whole is None else None
    return None


def _fold(source, node):
    """The integer an expression always is, or None."""
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "const":
        return _fold(source, node.args[0])
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        value = _fold(source, node.operand)
        return None if value is None else _UNARY[type(node.op)](value)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        values = _fold(source, node.left), _fold(source, node.right)
        return None if None in values else _BINARY[type(node.op)](*values)
    meant = _meant(source, node)
    if not meant:
        return None
    there = sources().get(meant[0]) if meant[0] else source
    return _constant(there, meant[1]) if there else None


@cache
def _constant(source, name):
    """The integer a name of a file always is, or None."""
    if name in source.fixed:
        return _fold(source, source.fixed[name].value)
    if name in source.imported:  # handed on
        file, there = source.imported[name]
        return _constant(sources()[file], there) if there and file in sources() else None
    return None


def _edits(name, source):
    """(node, text in its place) of all that is to change in a file."""
    gone = set()
    if name not in _kept():
        for own, statement in source.fixed.items():
            if _constant(source, own) is not None:
                gone.add(statement)
                yield statement, "pass"
    todo = [node for node in source.tree.body if node not in gone]
    const_used = False
    while todo:
        node = todo.pop()
        value = None
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            value = _fold(source, node)
            const_used = const_used or getattr(node, "id", "") == "const"
        if value is not None:
            yield node, str(value) if value >= 0 else "(%d)" % value
        else:
            todo.extend(ast.iter_child_nodes(node))
    for node in source.imports_from:
        left = [a for a in node.names if not _leaves(source, a.asname or a.name, const_used)]
        if len(left) < len(node.names):
            yield node, _from(node, left) if left else "pass"


def _leaves(source, own, const_used):
    """Whether an imported name is not needed any more."""
    file, there = source.imported.get(own, ("", ""))
    if (file, there) == _CONST:
        return not const_used
    return bool(there) and file in sources() and _constant(sources()[file], there) is not None


def _from(node, names):
    text = ", ".join(a.name + (" as " + a.asname if a.asname else "") for a in names)
    return "from %s%s import %s" % ("." * node.level, node.module or "", text)


def replaced(text: str, spans) -> str:
    """The text with other text between places, each (line, octet of the line).

    A text over several lines leaves them empty behind the new one.
    """
    octets = bytearray(text.encode())
    begins = [0, 0]
    for line in bytes(octets).splitlines(keepends=True):
        begins.append(begins[-1] + len(line))
    for first, last, new in sorted(spans, reverse=True):
        begin, end = begins[first[0]] + first[1], begins[last[0]] + last[1]
        octets[begin:end] = new.encode() + b"\n" * octets[begin:end].count(b"\n")
    return octets.decode()


def inlined(name: str) -> str:
    """The text of a file of the firmware, by its dotted name."""
    source = sources()[name]
    spans = [
        ((n.lineno, n.col_offset), (n.end_lineno, n.end_col_offset), text)
        for n, text in _edits(name, source)
    ]
    return replaced(source.text, spans)
