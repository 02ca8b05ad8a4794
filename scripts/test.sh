#!/usr/bin/env bash
# All tests but the longest, from a fresh clone as well: lint, types, generated documents, unit, contracts, end to end.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ ! -d node_modules ]; then npm install --no-save --no-audit --no-fund; fi
export PATH="$PWD/node_modules/.bin:$PATH"
# Certificates that each Node would read when it starts, and no test needs: they take longer than all else of a start.
unset NODE_EXTRA_CA_CERTS

npm run --silent lint
npm run --silent test:types
npm run --silent build
node --import tsx scripts/reference.ts --check
node --import tsx scripts/schema.ts --check

# A real engine and a real sshd, installed where that is possible without asking.
DOCKER_HOST=$(scripts/engine.sh --with-sshd); export DOCKER_HOST
export BELT_TEST_ENGINE=required

vitest run --project unit
vitest run --project contracts
vitest run --project e2e
