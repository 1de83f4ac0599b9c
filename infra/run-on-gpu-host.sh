#!/usr/bin/env bash
# Unpacks the parts beside it once, and runs sparsegrid with the arguments; see pack-gpu-host.sh.
# Usage: bash run.sh ARGUMENTS… | --tests CLASS | --benchmark MODE ARGUMENTS… | --unpack
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${SPARSEGRID_ROOT:-$here/unpacked}

if [ ! -e "$root/complete" ] || [ "$here/parts.sha256" -nt "$root/complete" ]; then
  (cd "$here" && sha256sum --quiet -c parts.sha256) || { echo "A part is missing or damaged: copy the parts again." >&2; exit 2; }
  if [ -n "$(ls -A "$root" 2> /dev/null)" ] && [ ! -e "$root/complete" ] && [ ! -e "$root/unpacking" ]; then
    echo "$root is a folder with other files; name an empty or a new one in SPARSEGRID_ROOT." >&2
    exit 2
  fi
  rm -rf "$root"
  mkdir -p "$root"
  touch "$root/unpacking"
  # The parts by name: a part of an earlier, larger pack may lie here too.
  (cd "$here" && sed 's/^[^ ]* [ *]//' parts.sha256 | xargs cat) | xz -dc | tar -x -C "$root"
  mv "$root/unpacking" "$root/complete"
fi
[ "${1:-}" != --unpack ] || exit 0

python=${SPARSEGRID_PYTHON:-python3}
if [ -z "${Torch__LibraryPath:-}" ]; then
  Torch__LibraryPath=$("$python" -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))') || {
    echo "No PyTorch in $python: set SPARSEGRID_PYTHON to an interpreter that has one, or Torch__LibraryPath to its torch/lib folder." >&2
    exit 2
  }
fi
if [ -z "${Nvrtc__LibraryPath:-}" ]; then
  # Of these folders a host often has but one: find then fails, though it found it.
  nvrtc=$(find "$Torch__LibraryPath/../../nvidia" /usr/local/cuda*/lib64 -name 'libnvrtc.so.1[23]' 2> /dev/null | head -1) || true
  [ -z "$nvrtc" ] || export Nvrtc__LibraryPath=$(dirname "$nvrtc")
fi
export Torch__LibraryPath DOTNET_ROOT=$root/dotnet DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_NOLOGO=1 SPARSEGRID_PYTHON=$python
cd "$root"
case "${1:-}" in
  --tests) exec dotnet/dotnet exec program/SparseGrid.Compression.Tests.dll -class "${2:?give a class, such as *Cuda*}" -noColor ;;
  --benchmark) shift; exec dotnet/dotnet exec program/SparseGrid.Benchmarks.dll "$@" ;;
  *) exec dotnet/dotnet exec program/sparsegrid.dll "$@" ;;
esac
