# SPDX-License-Identifier: MIT
"""Which file of firmware/ imports which, read from the source; nothing is run.

Serves the check of the layers and the sizes per role.  An `__import__` of a computed name (the
port that main.py chooses) does not count.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRMWARE = ROOT / "firmware"


def firmware_files() -> dict:
    """{dotted name: path} of every file of the firmware."""
    files = {}
    for path in sorted(FIRMWARE.rglob("*.py")):
        parts = path.relative_to(FIRMWARE).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        files[".".join(parts)] = path
    return files


def base_of(node, name: str, path: Path) -> str:
    """The dotted name behind the `from` of an import in the file of this name."""
    base = node.module or ""
    if not node.level:
        return base
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    above = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join(above + ([base] if base else []))


def imports(name: str, path: Path, known, inner=True) -> set:
    """The dotted names a file imports; those in known are taken as files of ours.

    `from a import b` is a.b where that is a file, else a.  Without inner those inside functions
    are left out: they are loaded when they are needed, if ever.
    """
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if inner else tree.body:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = base_of(node, name, path)
            for alias in node.names:
                full = base + "." + alias.name
                found.add(full if full in known else base)
    return found - {name}


def graph(inner=True) -> dict:
    """{dotted name: the dotted names it imports} of the whole firmware."""
    files = firmware_files()
    return {name: imports(name, path, files, inner) for name, path in files.items()}


def loaded(names, edges) -> list:
    """The files of ours that are loaded with these: what they import, and their packages."""
    found, todo = set(), list(names)
    while todo:
        name = todo.pop()
        if name in found or name not in edges:
            continue
        found.add(name)
        todo.extend(edges[name])
        if "." in name:
            todo.append(name.rpartition(".")[0])
    return sorted(found)
