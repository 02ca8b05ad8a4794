#!/usr/bin/env bash
# Provides the base image for local machines: pulls it, or builds it from Debian packages if no registry can be reached.
# Does nothing if the engine already has it.
# Usage: base-image.sh [IMAGE]        the second way needs root on Debian or Ubuntu
set -euo pipefail

image=${1:-debian:bookworm-slim}
suite=bookworm
pull_seconds=120

say() { echo "base-image: $*" >&2; }

make_from_packages() {
  if ! command -v mmdebstrap >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
      say "cannot pull $image, and cannot build it because mmdebstrap is not installed"
      exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends mmdebstrap; } >&2
  fi
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  say "building $image from Debian packages"
  mmdebstrap --quiet --variant=minbase "$suite" "$work/base.tar"
  docker import --change 'CMD ["bash"]' "$work/base.tar" "$image" >/dev/null
}

if docker image inspect "$image" >/dev/null 2>&1; then exit 0; fi
docker version >/dev/null || exit 1
say "pulling $image"
timeout "$pull_seconds" docker pull --quiet "$image" >&2 || make_from_packages
