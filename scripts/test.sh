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

npm run --silent lint
npm run --silent test:types
npm run --silent build
node --import tsx scripts/reference.ts --check
node --import tsx scripts/schema.ts --check

# A real engine and a real sshd, installed where that is possible without asking.
DOCKER_HOST=$(scripts/engine.sh --with-sshd); export DOCKER_HOST
export BELT_TEST_ENGINE=required

# Alone, because some of these tests start hundreds of connections at once.
vitest run --project unit
vitest run "${with_engine[@]}"
