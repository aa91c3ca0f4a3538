#!/usr/bin/env bash
# What the tests need besides Python: a Chromium, a PostgreSQL server. Installed where it may be, else named.
set -euo pipefail

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi; }

install() { # the Debian package $1, where this is Debian and we may
    command -v apt-get >/dev/null || return 1
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq || return 1
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

chromium() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
        ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium*/ >/dev/null 2>&1
}

postgres() { command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; }

missing=()
chromium || install chromium || .venv/bin/playwright install --with-deps chromium || true
chromium || missing+=("a Chromium (Debian: apt-get install chromium; elsewhere: .venv/bin/playwright install chromium)")
postgres || install postgresql || true
postgres || missing+=("a PostgreSQL server (Debian: apt-get install postgresql)")
if [ ${#missing[@]} -gt 0 ]; then
    printf 'make test needs %s\n' "${missing[@]}" >&2
    exit 1
fi
