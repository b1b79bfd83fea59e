"""Check the pinned dependencies for known vulnerabilities: python .ci/audit.py

Fails if pip-audit finds one that is not listed below. If its data cannot be downloaded, it says so and passes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PROBE, WHOLE = 20, 600  # seconds: for one package, to see whether the data is available; for all packages
# Id of a vulnerability -> why it does not affect pageblocks; reviewed with each release.
KNOWN: dict[str, str] = {}


def main() -> int:
    pins = ROOT / "constraints.txt"
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder) / "one.txt"
        one.write_text(
            next(line for line in pins.read_text("utf-8").splitlines() if line.startswith("jinja2==")) + "\n"
        )
        try:
            _audit(one, PROBE)
            found = _audit(pins, WHOLE)
        except OSError as error:
            print(f"audit: NOT DONE, cannot download the vulnerability data ({error}); run `make audit` with a network")
            return 0
    passed = [row for row in found if "vulns" not in row]
    if len(passed) == len(found):
        print(
            "audit: NOT DONE, the package index has no vulnerability data; run `make audit` with an index that has it"
        )
        return 0
    weak = {(row["name"], row["version"], one["id"]) for row in found for one in row.get("vulns", [])}
    new = sorted(one for one in weak if one[2] not in KNOWN)
    for name, version, id in new:
        print(
            f"audit: {name} {version} has the vulnerability {id}; raise its version, or list it in .ci/audit.py with a "
            "reason"
        )
    print(
        f"audit: {len(found) - len(passed)} pinned packages checked, {len(weak)} vulnerabilities, {len(new)} of them "
        "not listed"
    )
    return 1 if new else 0


def _audit(pins: Path, seconds: float) -> list[dict[str, Any]]:
    """What pip-audit says of each pinned package. Raises OSError where it says nothing."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--requirement",
        str(pins),
        "--no-deps",
        "--disable-pip",
        "--format",
        "json",
    ]
    try:
        ran = subprocess.run([*command, "--progress-spinner", "off"], capture_output=True, text=True, timeout=seconds)
        rows: list[dict[str, Any]] = json.loads(ran.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        raise OSError(f"no answer within {seconds:g} seconds") from None
    except (ValueError, KeyError, TypeError):
        said = [line for line in ran.stderr.splitlines() if line.strip()]
        raise OSError(said[-1].strip()[:200] if said else "it said nothing") from None
    return rows


if __name__ == "__main__":
    sys.exit(main())
