#!/bin/sh
# Brings a bare Debian machine to where the application runs ("run") or is tested ("test"); does nothing twice.
set -eu
goal=$1
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

say() { printf '%s\n' "$*" >&2; }

# Installs Debian packages when allowed; says plainly when not.
debian() {
    if ! command -v apt-get >/dev/null 2>&1; then say "Missing: $*. This is no Debian machine: install them by hand."; return 1; fi
    if [ "$(id -u)" = 0 ]; then as_root=; elif sudo -n true 2>/dev/null; then as_root="sudo -n"; elif [ -t 0 ] && command -v sudo >/dev/null 2>&1; then as_root=sudo; else say "Missing: $* (no root nor sudo here: ask for 'apt-get install $*')."; return 1; fi
    say "Installing $* from Debian…"
    as_root="$as_root env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive"  # dpkg looks for what is in sbin
    [ -n "${updated:-}" ] || { $as_root apt-get -qq update >/dev/null 2>&1 || true; updated=1; }
    $as_root apt-get -qq install -y --no-install-recommends "$@" >/dev/null 2>&1 || { say "Debian could not install: $*."; return 1; }
}

# Installs Python packages from files of pinned hashes: with uv when it can, else with pip, which knows this machine's own settings.
pinned() {
    .venv/bin/python -m pip install -q --disable-pip-version-check uv >/dev/null 2>&1 || true
    if [ -x .venv/bin/uv ]; then
        UV_SYSTEM_CERTS=1 .venv/bin/uv pip install -q -p .venv/bin/python --require-hashes "$@" && return
        say "uv could not install them; pip tries (slower)…"
    fi
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes "$@"
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { say "Python 3.11 or newer is needed (PYTHON=… chooses another one)."; exit 1; }
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then  # absent, half made, or its Python has gone
    "$python" -c 'import venv; from ensurepip import version' 2>/dev/null || debian python3-venv || { say "Python cannot make virtual environments here: install python3-venv."; exit 1; }
    "$python" -m venv --clear .venv
fi
files="-r requirements.txt"
[ "$goal" = run ] || files="$files -r requirements-dev.txt"
sums=$(sha256sum requirements*.txt)
# What the tests need includes what the application needs.
if [ "$sums" != "$(cat .venv/.stamp-test 2>/dev/null)" ] && { [ "$goal" = test ] || [ "$sums" != "$(cat .venv/.stamp-run 2>/dev/null)" ]; }; then
    say "Installing Python packages…"
    pinned $files
    printf '%s\n' "$sums" > ".venv/.stamp-$goal"
fi
.venv/bin/python -c 'import ctypes; [ctypes.CDLL(name) for name in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")]' 2>/dev/null || debian libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core || say "Without Pango the PDF receipts cannot be made; everything else works."
.venv/bin/python -m babel.messages.frontend -q compile -d app/translations 2>/dev/null || true
[ "$goal" = run ] && exit 0
command -v redis-server >/dev/null 2>&1 || debian redis-server || true
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || debian postgresql || true
# The shell without a window of its own draws the same pages for half the work; older Debians have the whole browser alone.
command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 || debian chromium-headless-shell || debian chromium || true
exit 0
