# SPDX-License-Identifier: MIT
"""Source with short names where nobody can see them: a device keeps each name that it meets.

Two kinds are shortened: parameters that no call names, and private names of one file that are
neither functions nor classes, so that tracebacks read as ever.  MicroPython keeps its names in
pools of which the next one is twice as large, so fewer of them can be worth kilobytes.
"""

import ast
import re
from collections import defaultdict

from inlining import replaced, sources

_PRIVATE = re.compile(r"_[A-Za-z]\w*")
_DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FIELD = {ast.Name: "id", ast.arg: "arg", ast.Attribute: "attr"}


def _name(node):
    """The name in a node that could be another one, or None."""
    return getattr(node, _FIELD.get(type(node), ""), None)


def _taken(tree):
    """Names that must stay wherever they occur: others look for them."""
    comments = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, _DEFINED):
            yield node.name
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node in comments:
                continue
            yield from re.findall(r"\w+", node.value)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield from [*alias.name.split("."), alias.asname]
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            yield from node.names
        elif isinstance(node, ast.ExceptHandler):
            yield node.name


def _functions(body):
    """The functions at the top of a file and in its classes, and what else stands there."""
    functions, rest = [], []
    for node in body:
        if isinstance(node, ast.ClassDef):
            inner, outer = _functions(node.body)
            functions += inner
            rest += outer
        else:
            (functions if isinstance(node, _DEFINED) else rest).append(node)
    return functions, rest


def _seen(nodes) -> set:
    return {name for node in nodes for name in map(_name, ast.walk(node)) if name}


def _bound(function) -> set:
    """The names that a function binds, or one in it."""
    return {
        _name(node)
        for node in ast.walk(function)
        if isinstance(node, ast.arg)
        or (isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load))
    }


def _parameters(trees, taken) -> dict:
    """{parameter: its short name}, where no two of one function come to the same."""
    parameters, outside, together = set(), {"self", *taken}, []
    for tree in trees.values():
        functions, rest = _functions(tree.body)
        outside |= _seen(rest)
        for function in functions:
            names = _seen([function])
            together.append(names)
            outside |= names - _bound(function)
        for node in ast.walk(tree):
            if isinstance(node, ast.arg):
                parameters.add(node.arg)
            elif isinstance(node, ast.Attribute):
                outside.add(node.attr)
    short, all_names = {}, set().union(outside, *together)
    for name in sorted(parameters - outside):
        near = set().union(*(names for names in together if name in names))
        used = {short[other] for other in near if other in short}
        short[name] = next(new for new in _new("p%d", all_names) if new not in used)
    return short


def _new(form, known):
    """Names of this form that nobody has."""
    return (name for name in (form % n for n in range(1000)) if name not in known)


def _families(trees) -> dict:
    """{file: the file whose classes, or whose base classes, it shares objects with}."""
    first = {file: file for file in trees}
    for file, tree in trees.items():
        for node in ast.walk(tree):
            for base in node.bases if isinstance(node, ast.ClassDef) else ():
                name = base.value if isinstance(base, ast.Attribute) else base
                other = sources()[file].imported.get(name.id, (file,))[0]
                if other in first:
                    old, new = first[file], first[other]
                    first.update({f: new for f, group in first.items() if group == old})
    return first


def _privates(trees, taken) -> dict:
    """{file: {private name: its short name}}."""
    files = defaultdict(set)
    for file, tree in trees.items():
        for name in _seen([tree]):
            files[name].add(file)
    families, short, counts = _families(trees), defaultdict(dict), defaultdict(int)
    for name in sorted(files):
        if _PRIVATE.fullmatch(name) and len(files[name]) == 1 and name not in taken:
            (file,) = files[name]
            short[file][name] = "_%d" % counts[families[file]]
            counts[families[file]] += 1
    return short


def shortened(texts: dict) -> dict:
    """{file: text} of all that a device may hold, its names shortened."""
    trees = {file: ast.parse(text) for file, text in texts.items()}
    taken = {name for tree in trees.values() for name in _taken(tree)}
    privates = _privates(trees, taken)
    parameters = _parameters(trees, taken.union(*privates.values()))
    result = {}
    for file, tree in trees.items():
        short = {**parameters, **privates[file]}
        spans = []
        for node in ast.walk(tree):
            name = _name(node)
            if name in short:
                line, end = node.lineno, node.col_offset + len(name)
                if isinstance(node, ast.Attribute):
                    line, end = node.end_lineno, node.end_col_offset
                spans.append(((line, end - len(name)), (line, end), short[name]))
        result[file] = replaced(texts[file], spans)
    return result
