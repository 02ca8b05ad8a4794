import { quote } from '../domain/quote.ts'
import type { ProcessCommand } from './command.ts'
import { engineRootLine, startEngineLine, stopEngineLine } from './engine-service.ts'

/**
 * How long the copy itself may take while the engine is stopped, in seconds. Stopping and starting the engine come on
 * top.
 */
const COPY_SECONDS = 120
/**
 * A file in a restored state until a cluster is created from it. It names the folder of the previous state, so that a
 * repeated restore does not mistake the restored state for the previous one.
 */
const REPLACED = 'belt-replaced'
/** Without a quorum `docker swarm unlock` never returns. */
const UNLOCK_SECONDS = 45
const FORCE_SECONDS = 60

const UNLOCK = `timeout ${UNLOCK_SECONDS} docker swarm unlock >&2`

/**
 * Stops the engine, copies the state of the swarm, starts the engine, and only then prints the copy as a `tar.gz`, so
 * that the downtime does not depend on the connection. It ignores signals until the engine has started, and starts the
 * engine even if the copy fails: the engine comes back even if Belt dies or the connection breaks.
 * @param unlockKey for a swarm with autolock; sent on standard input, and used to unlock the engine at once
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
    needs: 'root',
    stdin: `${unlockKey ?? ''}\n`,
  }
}

const AWAIT_ENGINE =
  'tries=60; until docker version >/dev/null 2>&1 || [ "$tries" -eq 0 ]; do tries=$((tries - 1)); sleep 1; done'

/**
 * Replaces the engine's swarm state, and moves the previous state to `asideName` beside it. Reads a `tar.gz`, and
 * changes nothing unless it has arrived complete. Undoes the change if a later part fails, and always starts the
 * engine. Prints the folder of the previous state, if there was one. After an interrupted restore that is the state
 * before the first attempt.
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
    needs: 'root',
  }
}

/**
 * Prints the folder of the state before a restore, and forgets it: once a cluster was created, the restored state is
 * the host's own. Prints nothing if there was no previous state, or it was forgotten already.
 */
export const settleStateCommand: ProcessCommand = {
  shell: `set -eu; ${engineRootLine}; if [ -f "$root/swarm/${REPLACED}" ]; then cat "$root/swarm/${REPLACED}"; rm "$root/swarm/${REPLACED}"; fi`,
  needs: 'root',
}

/**
 * Creates a swarm of one manager from the state on this host. Services, secrets and nodes stay; the other managers
 * leave the Raft group. Refuses if there is no such state, because the engine would then start an empty swarm and
 * report success.
 * @param address the address that the host advertised before: a new one would not reach the Raft group's own record
 */
export function forceNewClusterCommand(address: string): ProcessCommand {
  return {
    shell: [
      `set -eu; ${engineRootLine}`,
      'set -- "$root"/swarm/raft/wal-v3-encrypted/*.wal',
      'if [ ! -f "$root/swarm/docker-state.json" ] || [ ! -f "$1" ]; then echo "refused: $root/swarm holds no state of a manager, and an empty swarm would be started" >&2; exit 1; fi',
      `exec timeout ${FORCE_SECONDS} docker swarm init --force-new-cluster --advertise-addr ${quote(address)} >/dev/null`,
    ].join('\n'),
    needs: 'root',
  }
}

/** Unlocks a manager that was started. The unlock key is sent on standard input. */
export function unlockCommand(key: string): ProcessCommand {
  return { shell: UNLOCK, needs: 'engine', stdin: `${key}\n` }
}

/** Prints the newest file of a manager's Raft log, compressed. Works without a leader, and on a locked manager. */
export const raftLogCommand: ProcessCommand = {
  shell: `set -eu; ${engineRootLine}; cd "$root/swarm/raft/wal-v3-encrypted"; file=$(ls | grep '\\.wal$' | sort | tail -n 1); [ -n "$file" ]; gzip -1 -c "$file"`,
  needs: 'root',
  journaled: false,
}

/**
 * Prints `locked` if the manager's key is encrypted with the swarm's unlock key, otherwise `open`. Works without a
 * leader.
 */
export const autolockCommand: ProcessCommand = {
  shell: `set -eu; ${engineRootLine}; found=0; grep -q 'ENCRYPTED PRIVATE KEY' "$root/swarm/certificates/swarm-node.key" || found=$?; case $found in 0) echo locked;; 1) echo open;; *) exit 1;; esac`,
  needs: 'root',
  journaled: false,
}

/** Reads what `autolockCommand` printed: whether a manager needs the unlock key. @throws Error when it is something else */
export function parseAutolock(stdout: string): boolean {
  const state = stdout.trim()
  if (state !== 'locked' && state !== 'open') throw new Error('it does not say whether its key is encrypted')
  return state === 'locked'
}
