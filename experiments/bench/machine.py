"""What a measurement was made with: the commit, whether the walk over pages was compiled, the machine and its load."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from measured_pages import ROOT


def about() -> dict[str, Any]:
    from pageblocks import compiled

    changed = _git("status", "--porcelain", "--untracked-files=no")
    return {
        "commit": _git("rev-parse", "--short=10", "HEAD") or "unknown", "clean": changed == "",
        "compiled": compiled, "python": platform.python_version(), "processor": processor(),
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


def processor() -> str:
    if (info := Path("/proc/cpuinfo")).exists():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line[:10] == "model name"]
        if names:
            return names[0]
    return platform.processor() or platform.machine()


def load() -> float:
    return round(os.getloadavg()[0], 1)
