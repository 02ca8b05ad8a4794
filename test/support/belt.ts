import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const BELT = resolve('bin/run.js')
const DEADLINE_MS = 280_000

export interface Ended {
  code: number
  stdout: string
  stderr: string
  /** stdout, byte for byte. */
  bytes: Buffer
}

export interface BeltOptions {
  stdin?: string | Buffer
  env?: Record<string, string>
  /** Called with the running process, to interrupt it. */
  onStart?: (child: ReturnType<typeof spawn>) => void
  /** Default: 280 s. */
  deadlineMs?: number
}

/** The built command line in a folder of its own, as a user runs it, also where the tests run in CI. */
export class Workplace {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv

  constructor(env: Record<string, string> = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'belt-e2e-'))
    const { BELT_CLUSTER, BELT_YES, SSH_AUTH_SOCK, CI, ...inherited } = process.env
    this.env = { ...inherited, HOME: this.folder, NO_COLOR: '1', ...env }
  }

  /** Runs belt to its end; rejects only when it does not end. */
  run(args: readonly string[], options: BeltOptions = {}): Promise<Ended> {
    return this.program(process.execPath, [BELT, ...args], options)
  }

  /** Runs any program in the folder. */
  protected program(program: string, args: readonly string[], options: BeltOptions): Promise<Ended> {
    const env = { ...this.env, ...options.env }
    return ended(spawn(program, args, { cwd: this.folder, env }), options)
  }

  /** Runs belt, which is to succeed, and resolves with its stdout. */
  async succeed(args: readonly string[], options: BeltOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options)
    if (code !== 0) throw new Error(`belt ${args.join(' ')} ended with the exit code ${code}:\n${stderr}`)
    return stdout
  }

  /** Runs a shell line in which `belt` is the command line, to test pipes and substitutions. */
  shell(line: string, options: BeltOptions = {}): Promise<Ended> {
    const script = `set -e; belt() { '${process.execPath}' '${BELT}' "$@"; }; ${line}`
    return ended(
      spawn('bash', ['-c', script], { cwd: this.folder, env: { ...this.env, ...options.env } }),
      options,
    )
  }

  /**
   * Runs belt on a pseudo-terminal of 100 x 30, typing `stdin`; what the terminal shows is `stdout`. Without anything
   * to type the keyboard stays silent: its end would hang up the terminal.
   */
  terminal(args: readonly string[], options: BeltOptions = {}): Promise<Ended> {
    const words = [process.execPath, BELT, ...args]
      .map(word => `'${word.replaceAll("'", `'\\''`)}'`)
      .join(' ')
    const child = spawn('script', ['-qefc', `stty cols 100 rows 30; exec ${words}`, '/dev/null'], {
      cwd: this.folder,
      env: { ...this.env, TERM: 'xterm', ...options.env },
    })
    return ended(child, { onStart: () => {}, ...options })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Gives a process its input, and resolves with what it said once it has ended. */
export function ended(
  child: ReturnType<typeof spawn>,
  { stdin, onStart, deadlineMs = DEADLINE_MS }: BeltOptions,
): Promise<Ended> {
  return new Promise((resolveEnd, reject) => {
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout?.on('data', chunk => out.push(chunk))
    child.stderr?.on('data', chunk => err.push(chunk))
    child.stdin?.on('error', () => {})
    const deadline = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`belt did not end\n${Buffer.concat(out)}\n${Buffer.concat(err)}`))
    }, deadlineMs)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(deadline)
      const bytes = Buffer.concat(out)
      resolveEnd({
        code: code ?? (signal === 'SIGKILL' ? 137 : 143),
        stdout: bytes.toString(),
        stderr: Buffer.concat(err).toString(),
        bytes,
      })
    })
    onStart?.(child)
    if (stdin === undefined || typeof stdin === 'string' || Buffer.isBuffer(stdin)) {
      if (onStart === undefined || stdin !== undefined) child.stdin?.end(stdin ?? '')
    }
  })
}
