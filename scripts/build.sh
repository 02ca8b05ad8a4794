#!/usr/bin/env bash
# Bundles src/ to dist/, writes the manifest that lets the command line load one command instead of all, and keeps compiled code.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf dist
node --import tsx scripts/bundle.ts
node --import tsx scripts/manifest.ts
node --import tsx scripts/compile.ts
