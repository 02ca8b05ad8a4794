#!/usr/bin/env bash
# Provides the Debian image that the image of the local machines is built on, where no image registry can be
# reached: pulls it, or else makes it from Debian's packages. Does nothing when the engine has it.
# Usage: base-image.sh [IMAGE]        the second way needs root on Debian or Ubuntu
set -euo pipefail

image=${1:-debian:bookworm-slim}
suite=bookworm
pull_seconds=120

say() { echo "base-image: $*" >&2; }

make_from_packages() {
  if ! command -v mmdebstrap >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
      say "cannot pull $image, and there is no mmdebstrap to make it with"
      exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends mmdebstrap; } >&2
  fi
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  say "making $image from Debian's packages"
  mmdebstrap --quiet --variant=minbase "$suite" "$work/base.tar"
  docker import --change 'CMD ["bash"]' "$work/base.tar" "$image" >/dev/null
}

if docker image inspect "$image" >/dev/null 2>&1; then exit 0; fi
docker version >/dev/null || exit 1
say "pulling $image"
timeout "$pull_seconds" docker pull --quiet "$image" >&2 || make_from_packages
