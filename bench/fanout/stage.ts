import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newKeyPair } from '../../test/support/sshd.ts'

/** Hosts in a row: 127.1.0.1 to 127.1.0.250, 127.1.1.1 and so on. */
const IN_A_ROW = 250

/** A folder with keys and configs of a benchmark; removed at its end. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'belt-bench-'))
  readonly userKey = this.#key('user_key')
  readonly hostKey = this.#key('host_key')
  #configs = 0

  /** The file that lists the hosts, one a line, as the peers want them. */
  hostsFile(count: number): string {
    return this.write(`hosts-${count}`, addresses(count).join('\n'))
  }

  /** A folder in which `belt` finds that many hosts at a port; every one of them as a node. */
  workplace(count: number, port: number): string {
    const folder = join(this.folder, `workplace-${port}-${count}`)
    if (existsSync(folder)) return folder
    mkdirSync(folder)
    const rows = Array.from({ length: Math.ceil(count / IN_A_ROW) }, (_, row) => {
      const first = row * IN_A_ROW + 1
      const last = Math.min(count, first + IN_A_ROW - 1)
      const range = `127.1.${row}.[1:${last - first + 1}]`
      return `    - { name: 'node[${first}:${last}]', address: '${range}', port: ${port} }\n`
    })
    const config = `name: bench\nssh:\n  private_key: ${this.userKey}\nstatic:\n  hosts:\n${rows.join('')}`
    writeFileSync(join(folder, '.belt.yaml'), config)
    return folder
  }

  /** A config for `ssh`, which the peers start for each host. */
  sshConfig(port: number, more: Readonly<Record<string, string>>): string {
    const options = {
      Port: String(port),
      User: 'root',
      IdentityFile: this.userKey,
      IdentitiesOnly: 'yes',
      StrictHostKeyChecking: 'no',
      UserKnownHostsFile: '/dev/null',
      LogLevel: 'ERROR',
      ...more,
    }
    const lines = Object.entries(options).map(([key, value]) => `${key} ${value}`)
    return this.write(`ssh_config-${this.#configs++}`, lines.join('\n'))
  }

  write(name: string, content: string): string {
    const path = join(this.folder, name)
    writeFileSync(path, `${content}\n`, { mode: 0o600 })
    return path
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #key(name: string): string {
    const { privateKey, publicKey } = newKeyPair()
    this.write(`${name}.pub`, publicKey)
    return this.write(name, privateKey.trimEnd())
  }
}

export function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / IN_A_ROW)
    return `127.1.${row}.${(index % IN_A_ROW) + 1}`
  })
}

/** Whether a program is installed. */
export function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
