import { resolve } from 'node:path'
import type { Contestant } from './contest.ts'
import type { Measured } from './run.ts'
import { has, type Stage } from './stage.ts'

/** What all tools of a contest are asked to do on each host. */
export interface Task {
  readonly stage: Stage
  readonly port: number
  readonly hosts: number
  /** How many hosts at once (default: each tool's own). */
  readonly window?: number
  /** What the peers' ssh is told besides; with nothing told they are as they are shipped. */
  readonly ssh?: Readonly<Record<string, string>>
  /** The command (default: a hello). */
  readonly words?: readonly string[]
}

/** The same key exchange and cipher for all: else the peers would be compared by their cryptography. */
export const TUNED = { KexAlgorithms: 'curve25519-sha256', Ciphers: 'aes128-gcm@openssh.com' }

const BELT = resolve('bin/run.js')
const SAY_HELLO = ['echo', 'hello'] as const

/** The built command line in a folder, as a user types it, its start included. */
export function beltIn(cwd: string, ...words: string[]): Contestant {
  const name = `belt ${words.join(' ')}`
  return { name, argv: [BELT, ...words], env: { HOME: cwd }, cwd, isComplete: succeeded }
}

/** Node itself. */
export function node(cwd: string, name: string, ...args: string[]): Contestant {
  return { name, argv: [process.execPath, ...args], env: { HOME: cwd }, cwd, isComplete: succeeded }
}

/** `belt exec` on all hosts, of a line for the remote shell, which is what the other tools hand it. */
export function belt(task: Task): Contestant {
  const { stage, port, hosts, window, words = SAY_HELLO } = task
  const width = window === undefined ? [] : ['--concurrency', String(window)]
  const tool = beltIn(stage.workplace(hosts, port), 'exec', '*', ...width, '--shell', words.join(' '))
  return { ...tool, name: 'belt', isComplete: answered(task) }
}

/** The tools of the field that start one `ssh` for each host, as far as they are installed. */
export function peers(task: Task): Contestant[] {
  const { stage, port, hosts, window, ssh = {}, words = SAY_HELLO } = task
  const config = stage.sshConfig(port, ssh)
  const file = stage.hostsFile(hosts)
  const width = (flag: string) => (window === undefined ? [] : [flag, String(window)])
  const isComplete = answered(task)
  const all: Contestant[] = [
    {
      name: 'pdsh',
      argv: ['pdsh', '-S', '-R', 'ssh', ...width('-f'), '-w', `^${file}`, ...words],
      env: { PDSH_SSH_ARGS: `-F ${config} %h` },
      isComplete,
    },
    {
      name: 'clush',
      argv: ['clush', '-S', ...width('-f'), '--hostfile', file, '-o', `-F ${config}`, ...words],
      isComplete,
    },
    {
      name: 'pssh',
      argv: ['parallel-ssh', '-h', file, ...width('-p'), '-i', '-x', `-F ${config}`, ...words],
      isComplete,
    },
  ]
  return all.filter(({ argv: [program] }) => has(program))
}

/** No more than `ssh` itself, once a host. */
export function xargs(task: Task): Contestant {
  const { stage, port, hosts, window = 1, ssh = {}, words = SAY_HELLO } = task
  const each = ['-a', stage.hostsFile(hosts), '-P', String(window), '-I', 'HOST']
  return {
    name: 'xargs ssh',
    argv: ['xargs', ...each, 'ssh', '-F', stage.sshConfig(port, ssh), 'HOST', ...words],
    isComplete: answered(task),
  }
}

/** The strongest peer: a minimal fan-out compiled from Go, with its own curve25519 and aes128-gcm. */
export function goClient(program: string | undefined, task: Task): Contestant[] {
  if (!program) return []
  const { stage, port, hosts, window = 64, words = SAY_HELLO } = task
  const options = ['-hosts', stage.hostsFile(hosts), '-port', port, '-key', stage.userKey, '-conc', window]
  return [
    {
      name: 'go',
      argv: [program, 'client', ...options.map(String), '-cmd', words.join(' ')],
      isComplete: answered(task),
    },
  ]
}

function succeeded({ code }: Measured): boolean {
  return code === 0
}

/** A tool that succeeds, and every host said hello, where that is what it was asked. */
function answered({ hosts, words = SAY_HELLO }: Task): (measured: Measured) => boolean {
  return measured => succeeded(measured) && (words !== SAY_HELLO || countHellos(measured.stdout) === hosts)
}

/** How many hosts said hello; before it may stand the host's name. */
export function countHellos(output: string): number {
  return output.match(/^(.*: )?hello$/gm)?.length ?? 0
}
