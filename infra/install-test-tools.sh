#!/usr/bin/env bash
# Installs Debian's python3-onnx for the system's python (another python may come first on PATH). Does nothing where it is there already.
set -euo pipefail

if /usr/bin/python3 -c 'import onnx' 2>/dev/null; then
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "python3-onnx is missing and this is not root: tests of exported files with onnx.checker are skipped. Run: sudo infra/install-test-tools.sh" >&2
  exit 1
fi
if ! command -v apt-get >/dev/null; then
  echo "python3-onnx is missing and there is no apt-get: tests of exported files with onnx.checker are skipped." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null
apt-get install -y -qq --no-install-recommends python3-onnx >/dev/null
/usr/bin/python3 -c 'import onnx'
