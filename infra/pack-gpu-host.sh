#!/usr/bin/env bash
# Packs what a GPU host without internet needs: the .NET runtime, the program, GPU tests and benchmarks, the sample data; in parts below 60 MB.
# Usage: infra/pack-gpu-host.sh FOLDER [DATA...]     DATA: files or folders that travel along, found under data/ there
# There, in a folder with the parts:  bash run.sh run samples/digits.sweep.yaml      any command line of sparsegrid
#                                     bash run.sh --tests '*Cuda*'                   the GPU tests
#                                     bash run.sh --benchmark cuda-int8 resnet34 1,32,128 100 report
# libtorch with CUDA and NVRTC come from the host's PyTorch (2.10 or 2.11): SPARSEGRID_PYTHON names its interpreter (python3), or Torch__LibraryPath and
# Nvrtc__LibraryPath name the folders. SPARSEGRID_PART sets the size of a part (56M).
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

if [ $# -lt 1 ] || [ "$1" = --help ]; then
  sed -n '2,9s/^# //p' "${BASH_SOURCE[0]}"
  exit 2
fi
into=$1
shift
for given in "$@"; do
  [ -e "$given" ] || { echo "$given: there is no such file or folder to take along." >&2; exit 2; }
done
if [ -n "$(ls -A "$into" 2> /dev/null)" ] && [ ! -e "$into/run.sh" ]; then
  echo "$into is a folder with other files; give an empty or a new one." >&2
  exit 2
fi
mkdir -p "$into"
into=$(cd "$into" && pwd)

echo "Building…"
dotnet build "$repository/SparseGrid.sln" -c Release --nologo -v quiet

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

# The program, the tests and the benchmarks share nearly all assemblies, so they share a folder. libtorch for the processor (460 MB) stays here.
mkdir -p "$stage/program/runtimes/linux-x64/native" "$stage/data"
for project in Client/SparseGrid.Console tests/Benchmarks tests/Compression.Tests; do
  from=$repository/$project/bin/Release/net10.0
  tar -C "$from" -c --exclude='*.pdb' --exclude='*.xml' --exclude=./runtimes --exclude=./Golden --exclude=./x86 --exclude=./amd64 --exclude=./arm64 . | tar -x -C "$stage/program"
  for library in libLibTorchSharp.so libe_sqlite3.so libonnxruntime.so libonnxruntime_providers_shared.so; do
    [ ! -e "$from/runtimes/linux-x64/native/$library" ] || cp "$from/runtimes/linux-x64/native/$library" "$stage/program/runtimes/linux-x64/native/"
  done
done
cp -r "$repository/samples" "$stage/samples"
for given in "$@"; do
  cp -rL "$given" "$stage/data/"
done

# The runtime that this SDK runs on: the host command, and the two shared frameworks that the program needs.
dotnet_root=$(dirname "$(readlink -f "$(command -v dotnet)")")
version=$(dotnet --list-runtimes | sed -n 's/^Microsoft\.NETCore\.App \(10\.[^ ]*\).*/\1/p' | tail -1)
mkdir -p "$stage/dotnet/shared/Microsoft.NETCore.App" "$stage/dotnet/shared/Microsoft.AspNetCore.App"
cp "$dotnet_root/dotnet" "$stage/dotnet/"
cp -r "$dotnet_root/host" "$stage/dotnet/"
cp -r "$dotnet_root/shared/Microsoft.NETCore.App/$version" "$stage/dotnet/shared/Microsoft.NETCore.App/"
cp -r "$dotnet_root/shared/Microsoft.AspNetCore.App/$version" "$stage/dotnet/shared/Microsoft.AspNetCore.App/"

echo "Packing…"
rm -f "$into"/part-*
tar -C "$stage" -c dotnet program samples data | xz -T0 -7 | split -b "${SPARSEGRID_PART:-56M}" -d - "$into/part-"
(cd "$into" && sha256sum part-* > parts.sha256)
cp "$repository/infra/run-on-gpu-host.sh" "$into/run.sh"
du -h "$into"/part-* | sort -k2
echo "Copy the folder $into to the host; there: bash run.sh run samples/digits.sweep.yaml"
