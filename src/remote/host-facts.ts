import type { ProcessCommand } from './command.ts'
import { engineRootLine } from './engine-service.ts'

/** Facts that are checked on a host before its engine is stopped. */
export interface HostFacts {
  /** Its clock, in milliseconds since 1970. */
  readonly clockMs: number
  /** The free space of the engine's data folder or the root file system, whichever is less, in MiB. */
  readonly freeMiB: number
  /** An engine with this setting does not start as a member of a swarm. */
  readonly liveRestore: boolean
  /** Identifies this boot of the machine; changes with each reboot. */
  readonly boot: string
}

/** Containers share the kernel, so the start of the first process identifies the boot better than the kernel's boot id. */
const BOOT = `"$(cat /proc/sys/kernel/random/boot_id)-$(awk '{print $22}' /proc/1/stat)"`

/** Prints the id of the current boot. */
export const bootCommand: ProcessCommand = { shell: `echo ${BOOT}`, journaled: false }

/** Reads the facts. */
export const hostFactsCommand: ProcessCommand = {
  shell: [
    'set -e',
    `printf 'clock %s\\n' "$(date +%s%3N)"`,
    `printf 'boot %s\\n' ${BOOT}`,
    engineRootLine,
    `docker info --format 'live-restore {{.LiveRestoreEnabled}}'`,
    `printf 'free %s\\n' "$(df -Pk "$root" / | awk 'NR > 1 { print $4 }' | sort -n | head -n 1)"`,
  ].join('\n'),
  needs: 'engine',
  journaled: false,
}

/**
 * Parses the output of `hostFactsCommand`.
 * @throws Error if a fact is missing
 */
export function parseHostFacts(stdout: string): HostFacts {
  const fact = (name: string) => {
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(stdout)?.[1]
    if (value === undefined) throw new Error(`it does not report its ${name}`)
    return value
  }
  return {
    clockMs: Number(fact('clock')),
    freeMiB: Number(fact('free')) / 1024,
    liveRestore: fact('live-restore') === 'true',
    boot: fact('boot'),
  }
}

/** Reboots the machine shortly after the command has returned. */
export const rebootCommand: ProcessCommand = {
  shell:
    '(sleep 1; if [ -d /run/systemd/system ]; then systemctl reboot; else reboot; fi) >/dev/null 2>&1 </dev/null &',
  needs: 'root',
}
