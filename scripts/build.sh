#!/usr/bin/env bash
# Compiles src/ to dist/ and writes the manifest that lets the command line load one command instead of all.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf dist
npx --no-install tsc -p tsconfig.build.json
node --import tsx scripts/manifest.ts
