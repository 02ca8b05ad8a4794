import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

/** A command as it is started. */
export interface Invocation {
  readonly argv: readonly [string, ...string[]]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** How long its reader rests after each chunk of output (default: not at all). */
  readonly restMs?: number
}

/** What one run took; CPU is that of the whole process tree, as the shell sums it up. */
export interface Measured {
  readonly wallMs: number
  readonly cpuMs: number
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const DEADLINE_MS = 240_000

/** The shell's own report goes to its standard error, the command's to the third descriptor. */
const TIMED = `TIMEFORMAT='%3R %3U %3S'; { time "$@" 2>&3 3>&-; }`

/** Runs a command to its end. */
export function run({ argv, env, cwd, restMs = 0 }: Invocation): Promise<Measured> {
  const child = spawn('bash', ['-c', TIMED, 'bash', ...argv], {
    cwd,
    env: { ...inherited(), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const texts = ['', '', '']
  for (const [index, stream] of (child.stdio.slice(1) as Readable[]).entries())
    stream.on('data', chunk => {
      texts[index] += chunk
      if (restMs === 0) return
      stream.pause()
      setTimeout(() => stream.resume(), restMs)
    })
  return new Promise((resolve, reject) => {
    // all of its group: those that it started too
    const deadline = setTimeout(() => process.kill(-Number(child.pid), 'SIGKILL'), DEADLINE_MS)
    child.on('error', reject)
    child.on('close', code => {
      clearTimeout(deadline)
      const [stdout, times, stderr] = texts as [string, string, string]
      const [wall = 0, user = 0, system = 0] = times.trim().split(' ').map(Number)
      resolve({ wallMs: wall * 1000, cpuMs: (user + system) * 1000, code: code ?? 137, stdout, stderr })
    })
  })
}

/** What nobody means for the tools: keys of an agent, and settings of Belt. */
function inherited(): NodeJS.ProcessEnv {
  const isMeant = (name: string) => name !== 'SSH_AUTH_SOCK' && !name.startsWith('BELT_')
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isMeant(name)))
}
