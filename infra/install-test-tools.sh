#!/usr/bin/env bash
# Installs what some tests need and skip without: Debian's python3-onnx for the system's python (another python may come first on PATH), which checks
# exported files, libfaketime, which gives a process another clock, and redis-server, which the tests start and stop themselves. Does nothing where all are there already.
set -euo pipefail

missing=()
/usr/bin/python3 -c 'import onnx' 2>/dev/null || missing+=(python3-onnx)
compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || missing+=(libfaketime)
command -v redis-server >/dev/null || missing+=(redis-server)
if [ "${#missing[@]}" -eq 0 ]; then
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Missing: ${missing[*]}, and this is not root: the tests that need it are skipped. Run: sudo infra/install-test-tools.sh" >&2
  exit 1
fi
if ! command -v apt-get >/dev/null; then
  echo "Missing: ${missing[*]}, and there is no apt-get: the tests that need it are skipped." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null
# At run level 1 a package does not start its service.
RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
/usr/bin/python3 -c 'import onnx'
