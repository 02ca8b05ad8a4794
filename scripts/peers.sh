#!/usr/bin/env bash
# Installs the tools that the fan-out benchmark compares Belt with, as root on Debian or Ubuntu. Elsewhere it reports what
# will be skipped. Fails only if OpenSSH is missing, which the benchmark requires.
set -euo pipefail
. "$(dirname "$0")/packages.sh"

say() { echo "peers: $*" >&2; }

# What must be there, a program or a path, and the package that brings it.
wanted='
/usr/sbin/sshd openssh-server
ssh openssh-client
pdsh pdsh
clush clustershell
parallel-ssh pssh
go golang-go
/usr/share/gocode/src/golang.org/x/crypto/ssh golang-golang-x-crypto-dev
'

missing() {
  local what package
  while read -r what package; do
    [ -z "$what" ] || [ -e "$what" ] || command -v "$what" >/dev/null || echo "$package"
  done <<<"$wanted"
}

packages=$(missing)
if [ -n "$packages" ] && can_install; then
  # One that a release does not have leaves the others.
  for package in $packages; do install_packages "$package" || say "cannot install $package"; done
  packages=$(missing)
fi
for package in $packages; do say "skipping $package, which is not installed"; done
case "$packages" in *openssh*) say 'cannot run benchmarks without OpenSSH'; exit 1 ;; esac
