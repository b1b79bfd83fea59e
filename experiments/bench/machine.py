"""What a measurement was made with: the commit, whether modules were compiled, the machine and its load."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

from pages import ROOT


def about() -> dict[str, Any]:
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return {
        "commit": _git("rev-parse", "--short=10", "HEAD") or "unknown", "clean": changed == "",
        "compiled": compiled(), "python": platform.python_version(), "processor": processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load_before": load(),
    }  # fmt: skip


def _git(*words: str) -> str | None:
    """What git says; None where there is none, as in an unpacked release."""
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def compiled() -> list[str]:
    """The modules of pageblocks that run compiled."""
    from toolkit.model import load as load_model

    load_model().classify(b"<p>One page, so that all that it needs is loaded.</p>")
    found = [
        name
        for name, module in sys.modules.items()
        if name.partition(".")[0] in ("pageblocks", "toolkit")
        and str(getattr(module, "__file__", "")).endswith(tuple(EXTENSION_SUFFIXES))
    ]
    return sorted(found)


def processor() -> str:
    if (info := Path("/proc/cpuinfo")).exists():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line[:10] == "model name"]
        if names:
            return names[0]
    return platform.processor() or platform.machine()


def load() -> float:
    return round(os.getloadavg()[0], 1)
