#!/bin/sh
# The first process of a local machine: prepares what a container lacks, starts the engine and SSH, and ends the
# engine cleanly when the machine is stopped.
# BELT_AUTHORIZED_KEYS: the public keys that may log in, one a line; BELT_SSH_USER: as whom.
set -u

ENGINE_START_SECONDS=20
ENGINE_STOP_SECONDS=18

prepare_cgroups() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mount -o remount,rw /sys/fs/cgroup
    # Controllers can be handed on only from a cgroup without processes.
    mkdir -p /sys/fs/cgroup/init
    xargs -rn1 </sys/fs/cgroup/cgroup.procs >/sys/fs/cgroup/init/cgroup.procs 2>/dev/null
    sed 's/\([^ ]*\)/+\1/g' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control
  else
    for hierarchy in /sys/fs/cgroup/*; do
      mountpoint -q "$hierarchy" && mount -o remount,bind,rw "$hierarchy"
    done
  fi
}

# Kernels without nftables still have the older tables.
prepare_iptables() {
  iptables -w -n -L >/dev/null 2>&1 && return
  update-alternatives --set iptables /usr/sbin/iptables-legacy >/dev/null
  update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy >/dev/null
}

# Only on the first start: later the files belong to the machine.
authorize_keys() {
  user=${BELT_SSH_USER:-root}
  folder=$(getent passwd "$user" | cut -d: -f6)/.ssh
  [ -e "$folder/authorized_keys" ] && return
  install -d -m 700 -o "$user" "$folder"
  printf '%s\n' "${BELT_AUTHORIZED_KEYS:-}" >"$folder/authorized_keys"
  chmod 600 "$folder/authorized_keys"
  chown "$user" "$folder/authorized_keys"
}

# What a power cut leaves behind would keep the engine from starting.
clear_leftovers() {
  rm -rf /run/docker /run/docker.pid /run/docker-ssd.pid /run/docker.sock /run/containerd
}

# SSH answers when the engine does, so that a machine one can log in to is ready; a broken engine only delays it.
start_engine() {
  service docker start
  deadline=$(($(date +%s) + ENGINE_START_SECONDS))
  until docker version >/dev/null 2>&1 || [ "$(date +%s)" -ge "$deadline" ]; do sleep 0.1; done
}

start_ssh() {
  # One key, of the kind that everybody prefers: an RSA key would take longer than the engine's start.
  key=/etc/ssh/ssh_host_ed25519_key
  [ -e "$key" ] || ssh-keygen -q -t ed25519 -N '' -f "$key"
  mkdir -p /run/sshd
  /usr/sbin/sshd
}

power_off() {
  start-stop-daemon --stop --quiet --pidfile /run/docker.pid --retry "$ENGINE_STOP_SECONDS"
  exit 0
}

trap power_off TERM INT
prepare_cgroups
prepare_iptables
authorize_keys
clear_leftovers
start_engine
start_ssh
while :; do
  sleep 86400 &
  wait $!
done
