"""The tree of the project as the repository tests read it: its files, its modules, their names."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NOT_OURS = re.compile(r"(^|/)(\.venv[^/]*|\.git|__pycache__|\.\w+_cache|\.hypothesis|build|dist|demo)(/|$)")


@cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project, relative to its root: what git follows or would follow; without git, what is there."""
    if shutil.which("git") and (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
        names = [name for name in listed if name]
    else:
        names = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*")]
        names = [name for name in names if not _NOT_OURS.search(name) or name.startswith("bin/")]
    return tuple(sorted(Path(name) for name in names if (ROOT / name).is_file()))


def python_files(*folders: str) -> list[Path]:
    """Python files under the named folders of the root, relative to it."""
    return [path for path in project_files() if path.suffix == ".py" and path.parts[0] in folders]


@cache
def parsed(path: Path) -> ast.Module:
    """Syntax tree of a file named from the root."""
    return ast.parse((ROOT / path).read_text("utf-8"), filename=str(path))


def text_files() -> Iterator[tuple[Path, str]]:
    """Every file of the project that is text, and its text."""
    for path in project_files():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            yield path, content.decode("utf-8", errors="replace")
