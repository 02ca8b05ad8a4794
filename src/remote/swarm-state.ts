import { type ProcessCommand, quote } from './command.ts'
import { engineRootLine, startEngineLine, stopEngineLine } from './engine-service.ts'

/** How long the engine may stay stopped for the sake of a copy, in seconds, beside its own stopping and starting. */
const COPY_SECONDS = 120
/**
 * Lies in a state that was put on a host until a cluster is made of it, and holds the folder of what was there before:
 * should the same be tried again, this state is not what was there before.
 */
const REPLACED = 'belt-replaced'
/** Without a quorum `docker swarm unlock` never returns. */
const UNLOCK_SECONDS = 45
const FORCE_SECONDS = 60

const UNLOCK = `timeout ${UNLOCK_SECONDS} docker swarm unlock >&2`

/**
 * Stops the engine, copies the state of the swarm, starts the engine, and only then prints the copy as a `tar.gz`: how
 * long the engine is away does not depend on the connection. From the stop to the start it heeds no signal, and however
 * that part ends the engine is started, so that it comes back when Belt dies or the connection breaks as well.
 * @param unlockKey for a swarm with autolock; it travels on standard input, and the engine is unlocked with it at once
 */
export function snapshotStateCommand(unlockKey: string | undefined): ProcessCommand {
  return {
    shell: [
      'set -eu; umask 077',
      'IFS= read -r key',
      engineRootLine,
      '[ -f "$root/swarm/docker-state.json" ] || { echo "$root/swarm holds no state of a swarm" >&2; exit 1; }',
      'copy=$(mktemp "$root/belt-backup.XXXXXX")',
      "trap '' HUP INT TERM PIPE",
      `trap 'rm -f "$copy"; ${startEngineLine}' EXIT`,
      stopEngineLine,
      `timeout -s KILL ${COPY_SECONDS} tar -C "$root" -czf "$copy" --numeric-owner swarm`,
      startEngineLine,
      `if [ -n "$key" ]; then ${AWAIT_ENGINE}; printf '%s\\n' "$key" | ${UNLOCK} || true; fi`,
      `trap 'rm -f "$copy"' EXIT`,
      "trap 'exit 1' HUP INT TERM PIPE",
      'cat "$copy"',
    ].join('\n'),
    stdin: `${unlockKey ?? ''}\n`,
  }
}

const AWAIT_ENGINE =
  'tries=60; until docker version >/dev/null 2>&1 || [ "$tries" -eq 0 ]; do tries=$((tries - 1)); sleep 1; done'

/**
 * Puts the state of a swarm in the place of the engine's own, which is moved aside to `asideName` beside it. Reads a
 * `tar.gz` and changes nothing unless it has arrived whole; what goes wrong later is undone, and the engine is started
 * however it ends. Prints the folder of what was there before, if there was something: where an earlier try put the state
 * that is there now, the folder of what was there before that.
 * @param sha256 of the `tar.gz`, in hexadecimal
 */
export function restoreStateCommand(sha256: string, asideName: string): ProcessCommand {
  const aside = `"$root/"${quote(asideName)}`
  return {
    shell: [
      'set -eu; umask 077',
      engineRootLine,
      'new=$(mktemp -d "$root/belt-restore.XXXXXX")',
      `trap 'rm -rf "$new"' EXIT`,
      "trap 'exit 1' HUP INT TERM PIPE",
      'cat >"$new/archive"',
      `echo "${sha256}  $new/archive" | sha256sum -c - >/dev/null 2>&1 || { echo 'the archive did not arrive as it was sent' >&2; exit 1; }`,
      'tar -C "$new" -xzf "$new/archive" --numeric-owner',
      '[ -f "$new/swarm/docker-state.json" ] || { echo "the archive holds no state of a swarm" >&2; exit 1; }',
      "trap '' HUP INT TERM PIPE",
      `trap '[ -e "$root/swarm" ] || [ ! -e ${aside} ] || mv ${aside} "$root/swarm"; rm -rf "$new"; ${startEngineLine}' EXIT`,
      stopEngineLine,
      // An engine that was never in a swarm has the folder too.
      'rmdir "$root/swarm" 2>/dev/null || true',
      'replaced=',
      `if [ -e "$root/swarm" ]; then mv "$root/swarm" ${aside}; replaced=${aside}; fi`,
      `if [ -f ${aside}/${REPLACED} ]; then replaced=$(cat ${aside}/${REPLACED}); fi`,
      `printf '%s' "$replaced" >"$new/swarm/${REPLACED}"`,
      `[ -z "$replaced" ] || printf '%s\\n' "$replaced"`,
      'mv "$new/swarm" "$root/swarm"',
    ].join('\n'),
  }
}

/**
 * Prints the folder of what was there before a state was put on a host, and forgets it: the state is the host's own once
 * a cluster was made of it. Prints nothing where nothing was there, or it was forgotten already.
 */
export const settleStateCommand: ProcessCommand = {
  shell: `set -eu; ${engineRootLine}; if [ -f "$root/swarm/${REPLACED}" ]; then cat "$root/swarm/${REPLACED}"; rm "$root/swarm/${REPLACED}"; fi`,
}

/**
 * Makes a swarm of one manager out of the state that this host has: its services, secrets and nodes stay, the other
 * managers are dropped from the Raft group. Refused where there is no such state: there the engine would start an empty
 * swarm and call that success.
 * @param address that the host advertised before: a new one would not reach the Raft group's own record
 */
export function forceNewClusterCommand(address: string): ProcessCommand {
  return {
    shell: [
      `set -eu; ${engineRootLine}`,
      'set -- "$root"/swarm/raft/wal-v3-encrypted/*.wal',
      'if [ ! -f "$root/swarm/docker-state.json" ] || [ ! -f "$1" ]; then echo "refused: $root/swarm holds no state of a manager, and an empty swarm would be started" >&2; exit 1; fi',
      `exec timeout ${FORCE_SECONDS} docker swarm init --force-new-cluster --advertise-addr ${quote(address)} >/dev/null`,
    ].join('\n'),
  }
}

/** Gives a manager that was started the unlock key, which travels on standard input. */
export function unlockCommand(key: string): ProcessCommand {
  return { shell: UNLOCK, stdin: `${key}\n` }
}

/**
 * Prints the newest file of a manager's Raft log, compressed. It can be read without a leader, and while the manager
 * is locked.
 */
export const raftLogCommand: ProcessCommand = {
  shell: `set -eu; ${engineRootLine}; cd "$root/swarm/raft/wal-v3-encrypted"; file=$(ls | grep '\\.wal$' | sort | tail -n 1); [ -n "$file" ]; gzip -1 -c "$file"`,
  journaled: false,
}

/** Prints `locked` where a manager's key is encrypted with the unlock key of its swarm, else `open`. No leader is needed. */
export const autolockCommand: ProcessCommand = {
  shell: `set -eu; ${engineRootLine}; found=0; grep -q 'ENCRYPTED PRIVATE KEY' "$root/swarm/certificates/swarm-node.key" || found=$?; case $found in 0) echo locked;; 1) echo open;; *) exit 1;; esac`,
  journaled: false,
}
