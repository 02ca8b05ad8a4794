#!/usr/bin/env bash
# Bundles src/ to dist/ and writes the manifest, with which the command line loads one command instead of all.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf dist
node --import tsx scripts/bundle.ts
node --import tsx scripts/manifest.ts
