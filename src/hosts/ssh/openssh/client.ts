import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { rm } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import type { ClientCallback, ClientChannel, PseudoTtyOptions } from 'ssh2'
import { quote } from '../../../remote/command.ts'
import { ProcessChannel } from './channel.ts'

const READY = 'connected'
const CHECK_MS = 5_000
const MAX_MESSAGE_BYTES = 16 * 1024

/**
 * Runs ssh until its standard input ends, so that nothing is left behind if Belt is killed. `cat` outlives an ssh that
 * fails, until Belt closes the input.
 */
const GUARD =
  '"$@" </dev/null 3<&- & ssh=$!; exec 3<&0; { cat <&3 >/dev/null; kill "$ssh" 2>/dev/null; } & wait "$ssh"'

export interface OpensshSettings {
  /** The words of ssh before the command. */
  readonly words: readonly string[]
  readonly controlPath: string
  readonly environment: NodeJS.ProcessEnv
}

/**
 * One connection of the system's ssh to a host, with what Belt uses of ssh2's client. A first process makes the connection
 * and keeps it; each session is a process that goes through its control socket (docs/decisions/openssh.md).
 */
export class OpensshClient extends EventEmitter {
  /** What ssh has printed about the connection. */
  messages = ''
  readonly #settings: OpensshSettings
  #master: ChildProcessWithoutNullStreams | undefined
  readonly #sessions = new Set<ChildProcessWithoutNullStreams>()

  constructor(settings: OpensshSettings) {
    super()
    this.#settings = settings
  }

  /** Starts to connect. Emits `ready`, or `close` when the connection ends. @returns a stream to close it with */
  connect(): Duplex {
    const own = ['-M', '-N', '-T', '-o', 'PermitLocalCommand=yes', '-o', `LocalCommand=echo ${READY}`]
    const master = this.#spawn('/bin/sh', ['-c', GUARD, 'sh', 'ssh', ...own, ...this.#settings.words])
    this.#master = master
    master.stdin.on('error', () => {})
    master.stderr.on('data', (chunk: Buffer) => {
      if (this.messages.length < MAX_MESSAGE_BYTES) this.messages += chunk.toString('utf8')
    })
    master.stdout.once('data', () => this.emit('ready'))
    master.stdout.resume()
    const ended = () => {
      if (this.#master === undefined) return
      this.#master = undefined
      master.stdin.destroy()
      for (const session of this.#sessions) session.kill('SIGTERM')
      void rm(this.#settings.controlPath, { force: true }).catch(() => {})
      this.emit('close')
    }
    master.on('error', error => {
      this.messages += error.message
      ended()
    })
    // Not `close`: `cat` keeps the outputs open until the input is closed.
    master.on('exit', ended)
    return master.stdin as unknown as Duplex // a Socket, as Node documents for pipes
  }

  exec(line: string, options: { pty: PseudoTtyOptions } | ClientCallback, reply?: ClientCallback): void {
    if (typeof options === 'function') this.#session(['-T'], withExitCode(line), options)
    else if (reply) this.#onTerminal(line, options.pty, reply)
  }

  shell(pty: PseudoTtyOptions, reply: ClientCallback): void {
    this.#onTerminal('exec "$SHELL" -l', pty, reply)
  }

  /** Not offered, so that requests to engines go through docker's client. */
  openssh_forwardOutStreamLocal(_path: string, reply: ClientCallback): void {
    reply(new Error('not supported with ssh.client: openssh'), undefined as never)
  }

  /** Answered by the process that keeps the connection, not by the host: ssh itself sends keepalives. */
  unforwardIn(_address: string, _port: number, reply: () => void): void {
    void this.#answers().then(does => does && reply())
  }

  end(): void {
    this.#master?.stdin.destroy()
  }

  destroy(): void {
    this.end()
  }

  #onTerminal(line: string, { term, rows, cols }: PseudoTtyOptions, reply: ClientCallback): void {
    this.#session(['-tt'], `stty rows ${rows} cols ${cols}; ${line}`, reply, { TERM: term })
  }

  #session(kind: string[], line: string, reply: ClientCallback, variables: NodeJS.ProcessEnv = {}): void {
    const words = ['-o', 'ControlMaster=no', '-e', 'none', ...kind, ...this.#settings.words, line]
    const session = this.#spawn('ssh', words, variables)
    this.#sessions.add(session)
    session.on('error', () => {})
    session.on('close', () => this.#sessions.delete(session))
    const channel = new ProcessChannel(session, async () => !(await this.#answers()))
    reply(undefined, channel as unknown as ClientChannel)
  }

  /** Whether the process that keeps the connection answers. */
  #answers(): Promise<boolean> {
    return new Promise(resolve => {
      if (!this.#master) return resolve(false)
      const check = this.#spawn('ssh', ['-O', 'check', ...this.#settings.words])
      const timer = setTimeout(() => check.kill('SIGKILL'), CHECK_MS)
      check.stdout.resume()
      check.stderr.resume()
      check.on('error', () => resolve(false))
      check.on('close', code => {
        clearTimeout(timer)
        resolve(code === 0 && this.#master !== undefined)
      })
    })
  }

  /** In a session of its own, so that Ctrl-C reaches Belt and not ssh. */
  #spawn(program: string, words: readonly string[], variables: NodeJS.ProcessEnv = {}) {
    const env = { ...this.#settings.environment, ...variables }
    return spawn(program, words, { env, stdio: 'pipe', detached: true })
  }
}

/** How a line begins that makes any login shell `/bin/sh`. */
const POSIX = 'exec /bin/sh -c '
/** Runs its first argument as a script, with the arguments after the name of the script. */
const EVALUATE = 'trap : HUP INT TERM; script=$1; shift; [ $# -eq 0 ] || shift; (eval "$script"); exit $?'

/**
 * ssh does not tell which signal ended a program, so a shell around it turns the signal into an exit code. That shell
 * leads the group of the processes, whose id Belt sends signals to.
 */
function withExitCode(line: string): string {
  const words = line.startsWith(POSIX) ? line.slice(POSIX.length) : quote(line)
  return `${POSIX}'${EVALUATE}' sh ${words}`
}
