#!/usr/bin/env bash
# Builds everything once and runs every test project. The last line is "N passed, N failed, N skipped".
# Usage: tests/run.sh [--long]     --long runs the seeded fuzz and kill tests for longer
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for argument in "$@"; do
  case "$argument" in
    --long) export SPARSEGRID_LONG=1 ;;
    *) echo "Unknown argument '$argument'. Usage: tests/run.sh [--long]" >&2; exit 2 ;;
  esac
done
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

bash infra/install-test-tools.sh || echo "The tests that need python3-onnx, libfaketime or redis-server may be skipped."

if ! dotnet build SparseGrid.sln -c Release --nologo -v minimal; then
  echo "The build failed; no test ran."
  echo "0 passed, 0 failed, 0 skipped"
  exit 1
fi

logs=TestResults
mkdir -p "$logs"
passed=0 failed=0 skipped=0 broken=()

# The number behind "  failed: " in a log's summary; 0 where there is none.
number() { grep -oE "^ +$1: [0-9]+" "$2" | tail -1 | grep -oE '[0-9]+$' || echo 0; }

for project in tests/*.Tests/*.csproj; do
  name=$(basename "$project" .csproj)
  log="$logs/$name.log"
  echo "== $name"
  dotnet test --project "$project" -c Release --no-build --no-ansi --no-progress 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  ran=$(number total "$log")
  passed=$((passed + $(number succeeded "$log")))
  failed=$((failed + $(number failed "$log")))
  skipped=$((skipped + $(number skipped "$log")))
  if [ "$ran" -eq 0 ]; then
    broken+=("$name ran no test (exit code $status)")
  elif [ "$status" -ne 0 ] && [ "$(number failed "$log")" -eq 0 ]; then
    broken+=("$name ended with exit code $status although no test failed")
  fi
done

cat tests/Compression.Tests/bin/Release/net10.0/golden-summary.txt 2>/dev/null
for reason in ${broken[@]+"${broken[@]}"}; do
  echo "BROKEN: $reason"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "${#broken[@]}" -eq 0 ] && [ "$passed" -gt 0 ]
