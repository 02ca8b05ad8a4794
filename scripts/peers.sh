#!/usr/bin/env bash
# Installs what the benchmark of the fan-out measures Belt beside, for root on Debian or Ubuntu; elsewhere it tells what
# will be left out. Fails only where there is no OpenSSH, without which nothing can be measured.
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
  for package in $packages; do install_packages "$package" || say "$package cannot be installed"; done
  packages=$(missing)
fi
for package in $packages; do say "left out, for want of the package: $package"; done
case "$packages" in *openssh*) say 'nothing can be measured without OpenSSH'; exit 1 ;; esac
