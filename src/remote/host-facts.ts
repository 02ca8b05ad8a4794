import type { ProcessCommand } from './command.ts'
import { engineRootLine } from './engine-service.ts'

/** What must be right on a host before it is taken out of a swarm. */
export interface HostFacts {
  /** Its clock, in milliseconds since 1970. */
  readonly clockMs: number
  /** What is free where the engine keeps its data or on the root file system, whichever is less, in MiB. */
  readonly freeMiB: number
  /** An engine with this setting does not start as a member of a swarm. */
  readonly liveRestore: boolean
  /** Names this start of the machine: another one after each reboot. */
  readonly boot: string
}

/** In a container the kernel is shared, so that the start of the first process tells more than the kernel's own. */
const BOOT = `"$(cat /proc/sys/kernel/random/boot_id)-$(awk '{print $22}' /proc/1/stat)"`

/** Prints which start of the machine this is. */
export const bootCommand: ProcessCommand = { shell: `echo ${BOOT}`, journaled: false }

/** Reads what must be right. */
export const hostFactsCommand: ProcessCommand = {
  shell: [
    'set -e',
    `printf 'clock %s\\n' "$(date +%s%3N)"`,
    `printf 'boot %s\\n' ${BOOT}`,
    engineRootLine,
    `docker info --format 'live-restore {{.LiveRestoreEnabled}}'`,
    `printf 'free %s\\n' "$(df -Pk "$root" / | awk 'NR > 1 { print $4 }' | sort -n | head -n 1)"`,
  ].join('\n'),
  journaled: false,
}

/**
 * Reads what `hostFactsCommand` printed.
 * @throws Error when a fact is missing
 */
export function parseHostFacts(stdout: string): HostFacts {
  const fact = (name: string) => {
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(stdout)?.[1]
    if (value === undefined) throw new Error(`it does not tell its ${name}`)
    return value
  }
  return {
    clockMs: Number(fact('clock')),
    freeMiB: Number(fact('free')) / 1024,
    liveRestore: fact('live-restore') === 'true',
    boot: fact('boot'),
  }
}

/** Restarts the machine from inside, a moment after this has been answered. */
export const rebootCommand: ProcessCommand = {
  shell:
    '(sleep 1; if [ -d /run/systemd/system ]; then systemctl reboot; else reboot; fi) >/dev/null 2>&1 </dev/null &',
}
