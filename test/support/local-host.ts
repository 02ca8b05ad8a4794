import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { CheckableHost } from '../../src/hosts/agent/server/pool.ts'
import { interrupted } from '../../src/hosts/errors.ts'
import type { Exit, StreamOptions, Streams } from '../../src/hosts/host.ts'
import type { ProcessCommand } from '../../src/remote/command.ts'
import { FakeHost } from './fake-host.ts'

/** A host that is connected, and runs what it streams on this computer, where it finds the programs of a folder first. */
export class LocalHost extends FakeHost implements CheckableHost {
  readonly isConnected = true
  readonly isReady = false
  /** Set: commands that run are said to have ended like this. */
  failure: Error | undefined
  readonly #programs: string

  constructor(name: string, programs: string) {
    super(name)
    this.#programs = programs
  }

  async prepare(): Promise<void> {}

  async check(): Promise<void> {}

  override async stream(
    command: ProcessCommand,
    streams: Streams,
    options: StreamOptions = {},
  ): Promise<Exit> {
    if (this.down) throw this.down
    const [program = '', ...args] = command.argv ?? []
    const child = spawn(program, args, { env: { PATH: `${this.#programs}:${process.env.PATH}` } })
    child.stdin.on('error', () => {})
    streams.stdin?.pipe(child.stdin)
    child.stdout.pipe(streams.stdout, { end: false })
    child.stderr.pipe(streams.stderr, { end: false })
    options.onStart?.(name => void child.kill(`SIG${name}`))
    return new Promise((resolve, reject) => {
      options.signal?.addEventListener('abort', () => {
        child.kill('SIGKILL')
        reject(interrupted(this.name))
      })
      child.on('error', reject)
      child.on('close', (code, signal) => {
        if (this.failure) reject(this.failure)
        else resolve({ code: code ?? 128 + constants.signals[signal ?? 'SIGKILL'] })
      })
    })
  }
}
