"""Compiles the walk over a page's tree with Cython while a wheel is built.

The compiled module has the same source as the Python one, which stays beside it in the wheel; html.pxd only says which
of its variables are C integers. PAGEBLOCKS_COMPILE=0 compiles nothing, and the wheel is for any platform. With 1 a
build that cannot compile fails. Without either it goes on with Python alone, and says so. Editable installs are never
compiled, because a compiled module would hide later changes of its source.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_MODULE = "toolkit.segment.html"
_TOOLS = ["cython>=3.1,<4", "setuptools>=75"]


class CompileWalk(BuildHookInterface):
    """The build hook."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build needs beside hatchling: nothing on a machine without a compiler."""
        return _TOOLS if _wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the compiled module to the wheel."""
        if version == "editable" or not _wanted():
            return
        self._folder = tempfile.mkdtemp()
        try:
            built = _compile(Path(self._folder))
        except Exception as error:  # the compiler's, Cython's, a missing header's: the wheel works without
            if _choice() == "1":
                raise RuntimeError(
                    f"cannot compile {_MODULE} ({error}); PAGEBLOCKS_COMPILE=0 builds without"
                ) from error
            self.app.display_warning(f"{_MODULE} is not compiled ({error}); the same code runs in Python, slower")
            return
        build_data["force_include"][str(built)] = f"{_MODULE.rpartition('.')[0].replace('.', '/')}/{built.name}"
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary files."""
        if folder := getattr(self, "_folder", ""):
            shutil.rmtree(folder, ignore_errors=True)


def _choice() -> str:
    choice = os.environ.get("PAGEBLOCKS_COMPILE", "")
    if choice not in ("", "0", "1"):
        raise ValueError(f"PAGEBLOCKS_COMPILE={choice}: give 0 or 1")
    return choice


def _wanted() -> bool:
    if choice := _choice():
        return choice == "1"
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "")
    return sys.implementation.name == "cpython" and bool(compiler) and shutil.which(compiler[0]) is not None


def _compile(folder: Path) -> Path:
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension

    # No debug information: with it the module is four times as large.
    extension = Extension(_MODULE, [f"{_MODULE.replace('.', '/')}.py"], extra_compile_args=["-g0"])
    command: Any = Distribution({"ext_modules": cythonize([extension], build_dir=str(folder), quiet=True)})
    command = command.get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(folder / "lib"), str(folder / "temp")
    command.ensure_finalized()
    command.run()
    return Path(command.get_ext_fullpath(_MODULE))
