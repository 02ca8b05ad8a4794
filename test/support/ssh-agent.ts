import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { until } from './sshd.ts'

/** A private ssh-agent. */
export class SshAgent {
  readonly socket: string
  readonly #process: ChildProcess

  private constructor(socket: string, process: ChildProcess) {
    this.socket = socket
    this.#process = process
  }

  static async start(socket: string): Promise<SshAgent> {
    const agent = new SshAgent(socket, spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' }))
    await until(() => existsSync(socket), 'the agent listens')
    return agent
  }

  /** Loads a private key that is not encrypted. */
  add(privateKey: string): void {
    execFileSync('ssh-add', ['-q', '-'], {
      input: privateKey,
      env: { ...process.env, SSH_AUTH_SOCK: this.socket },
    })
  }

  stop(): void {
    this.#process.kill('SIGKILL')
  }
}
