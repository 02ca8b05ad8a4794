#!/usr/bin/env bash
# All tests, from a fresh clone as well: lint, types, generated documents, unit, contracts, end to end.
# Usage: test.sh [--long]   --long also runs what takes longest
set -euo pipefail
cd "$(dirname "$0")/.."

with_engine=(--project contracts --project e2e)
case "${1:-}" in
  '') ;;
  --long) with_engine+=(--project long) ;;
  *) echo "usage: $0 [--long]" >&2; exit 2 ;;
esac

if [ ! -d node_modules ]; then npm install --no-save --no-audit --no-fund; fi
export PATH="$PWD/node_modules/.bin:$PATH"
# Each Node would read these certificates at its start, which takes longer than the rest of it. No test needs them.
unset NODE_EXTRA_CA_CERTS

# A real engine and a real sshd, installed where that is possible without asking.
DOCKER_HOST=$(scripts/engine.sh --with-sshd); export DOCKER_HOST
export BELT_TEST_ENGINE=required

logs=$(mktemp -d)
declare -A pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$logs"
}
trap finish EXIT

# Starts a check whose output is kept until it is asked for.
start() {
  local name=$1; shift
  "$@" >"$logs/$name" 2>&1 &
  pids[$name]=$!
}

# Waits for a check, and shows its output if it failed.
passes() {
  local name=$1
  if wait "${pids[$name]}"; then unset "pids[$name]"; echo "$name: ok"; return; fi
  unset "pids[$name]"
  echo "$name: failed" >&2
  cat "$logs/$name" >&2
  return 1
}

build_and_compare() {
  npm run --silent build &&
    node --import tsx scripts/reference.ts --check &&
    node --import tsx scripts/schema.ts --check
}

# Unit tests wait more than they compute.
start lint npm run --silent lint
start types npm run --silent test:types
start build build_and_compare
failed=0
vitest run --project unit || failed=1
for check in lint types build; do passes "$check" || failed=1; done
[ "$failed" = 0 ] || exit 1

vitest run "${with_engine[@]}"
