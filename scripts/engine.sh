#!/usr/bin/env bash
# Finds a Docker Engine and prints its DOCKER_HOST. Uses docker's default engine if it answers. Otherwise, as root on Debian
# or Ubuntu, it starts a separate engine and installs docker.io if necessary.
# Usage: engine.sh [--with-sshd]   --with-sshd also installs an SSH server, without starting it, and the login shells that
#                                  the tests log in with
#        engine.sh stop            stops the separate engine; images and machines stay on disk
# BELT_ENGINE_DIR: the folder of the separate engine
set -euo pipefail
. "$(dirname "$0")/packages.sh"

dir=${BELT_ENGINE_DIR:-/var/lib/belt-engine}
own_host="unix://$dir/docker.sock"
start_seconds=60
stop_seconds=60

say() { echo "engine: $*" >&2; }
fail() { say "$@"; exit 1; }

answers() { command -v docker >/dev/null && timeout 20 docker "$@" version >/dev/null 2>&1; }

user_host() { echo "${DOCKER_HOST:-$(docker context inspect --format '{{.Endpoints.docker.Host}}')}"; }

own_pid() {
  local pid
  pid=$(cat "$dir/docker.pid" 2>/dev/null) || return 1
  # After a reboot the number may belong to something else.
  grep -qs dockerd "/proc/$pid/comm" && echo "$pid"
}

start_own() {
  own_pid >/dev/null || rm -f "$dir/docker.pid"
  say "starting a Docker Engine in $dir"
  # It shares the bridge docker0 with any other engine: `--bridge none` would take it away from that one.
  setsid dockerd --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/docker.pid" \
    --host "$own_host" </dev/null >"$dir/docker.log" 2>&1 9>&- &
  local dockerd=$! deadline=$((SECONDS + start_seconds))
  until answers --host "$own_host"; do
    if [ "$SECONDS" -ge "$deadline" ] || ! kill -0 "$dockerd" 2>/dev/null; then
      kill "$dockerd" 2>/dev/null || true
      tail -n 15 "$dir/docker.log" >&2
      fail "the Docker Engine did not start; see the end of $dir/docker.log above"
    fi
    sleep 0.2
  done
}

find_engine() {
  if answers; then user_host; return; fi
  if answers --host "$own_host"; then echo "$own_host"; return; fi
  can_install || fail 'cannot connect to a Docker Engine: install and start one (https://docs.docker.com/engine/install), or set DOCKER_HOST'
  mkdir -p "$dir"
  exec 9>"$dir/lock"
  flock 9
  if ! command -v dockerd >/dev/null; then install_packages docker.io iptables mmdebstrap; fi
  # Whoever held the lock, or the package itself, may have started one.
  if answers; then user_host; return; fi
  answers --host "$own_host" || start_own
  echo "$own_host"
}

with_sshd() {
  local missing=() package
  [ -x /usr/sbin/sshd ] || command -v sshd >/dev/null || missing+=(openssh-server)
  for package in fish tcsh zsh sudo; do
    command -v "$package" >/dev/null || missing+=("$package")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  can_install || { say "not installed: ${missing[*]}; tests that need them are skipped"; return; }
  install_packages "${missing[@]}"
}

stop_own() {
  local pid deadline=$((SECONDS + stop_seconds))
  pid=$(own_pid) || return 0
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do
    [ "$SECONDS" -lt "$deadline" ] || fail "the Docker Engine (process $pid) does not stop"
    sleep 0.2
  done
}

case "${1:-}" in
  '') find_engine ;;
  --with-sshd) with_sshd; find_engine ;;
  stop) stop_own ;;
  *) echo "usage: $0 [--with-sshd | stop]" >&2; exit 2 ;;
esac
