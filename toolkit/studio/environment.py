"""The environment of the embedded server's process."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path


def environment(folder: Path, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment variables for the server's process: its data are in `folder`, and it contacts no one.

    Label Studio reads bare names too (HOST, PORT, DEBUG, USERNAME ...), so whatever the desktop set is taken out.
    """
    told = dict(os.environ if base is None else base)
    for name in list(told):
        if name.startswith(("LABEL_STUDIO_", "HEARTEX_", "POSTGRE_", "DJANGO_")) or name in _BARE:
            del told[name]
    data = str(folder / "data")
    return told | {
        "LABEL_STUDIO_BASE_DATA_DIR": data,
        "XDG_CONFIG_HOME": str(folder / "data" / "xdg"),
        "XDG_DATA_HOME": str(folder / "data" / "xdg"),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_COLLECT_ANALYTICS": "false",
        "LABEL_STUDIO_LATEST_VERSION_CHECK": "false",
        "LABEL_STUDIO_SENTRY_DSN": "",
        "LABEL_STUDIO_FRONTEND_SENTRY_DSN": "",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        # Seconds for `studio backend` to answer. It is not asked when pages are opened.
        "LABEL_STUDIO_ML_CONNECTION_TIMEOUT": "5",
        "LABEL_STUDIO_ML_TIMEOUT_HEALTH": "10",
        "LABEL_STUDIO_ML_TIMEOUT_SETUP": "10",
        "LABEL_STUDIO_WEBHOOK_TIMEOUT": "5",
        # `studio backend` runs on this machine, too. Other addresses that are not public stay out of reach for imports
        # and hooks.
        "LABEL_STUDIO_USE_DEFAULT_BANNED_SUBNETS": "false",
        "LABEL_STUDIO_USER_ADDITIONAL_BANNED_SUBNETS": ",".join(_UNREACHABLE),
        # No single key takes a block's label away. The keys that go from block to block are in annotate.js.
        "LABEL_STUDIO_EDITOR_KEYMAP": json.dumps({"region:delete": {"key": "shift+backspace"}}),
        "PYTHONUNBUFFERED": "1",
    }


# What Label Studio bans by itself, but 127.0.0.0/8. Of IPv6 all that is not public.
_UNREACHABLE = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"),
    *("192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
    *("::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16"),
)
_BARE = {
    "HOST",
    "PORT",
    "DEBUG",
    "USERNAME",
    "PASSWORD",
    "CI",
    "DATABASE_NAME",
    "BASE_DATA_DIR",
    "USER_TOKEN",
    "SECRET_KEY",
}
