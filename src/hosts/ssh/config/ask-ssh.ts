import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { precheckError, reasonOf } from '../../../errors.ts'

/** `Match exec` may start programs. */
const ANSWER_MS = 10_000

/** Stands where the configuration says nothing, so that a default of ssh is not taken for a setting. */
const UNSET = 'belt-unset'

/** What ssh_config says about one host. Paths and other values may have tokens such as `%h`. */
export interface HostSettings {
  readonly hostname: string
  readonly user: string | undefined
  readonly port: number | undefined
  readonly identityFiles: readonly string[]
  readonly identityAgent: string | undefined
  readonly identitiesOnly: boolean
  readonly proxyJump: string | undefined
  readonly proxyCommand: string | undefined
}

export interface HostQuestion {
  readonly address: string
  /** The user and the port that Belt's own config says. */
  readonly user?: string | undefined
  readonly port?: number | undefined
}

/**
 * Asks `ssh -G` what the files of ssh_config say about a host.
 * @returns undefined if ssh is not installed
 * @throws a precheck error `ssh-config` if ssh cannot read the files
 */
export async function askSsh(
  files: readonly string[],
  question: HostQuestion,
): Promise<HostSettings | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'belt-ssh-config-'))
  try {
    const config = join(folder, 'config')
    await writeFile(config, `${files.map(file => `Include "${file}"\n`).join('')}Host *\n${DEFAULTS}`)
    const user = question.user === undefined ? [] : ['-l', question.user]
    const port = question.port === undefined ? [] : ['-p', String(question.port)]
    const words = ['-G', '-F', config, ...user, ...port, '--', question.address]
    const { stdout } = await promisify(execFile)('ssh', words, { timeout: ANSWER_MS, killSignal: 'SIGKILL' })
    return settingsIn(stdout)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(question.address, error)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The last values of a configuration count only where no other was set, and ssh adds up the identity files. */
const DEFAULTS = `User ${UNSET}\nPort 65535\nIdentityFile ${UNSET}\n`

function settingsIn(output: string): HostSettings {
  const lines = output.split('\n').map(line => /^(\S+) (.*)$/.exec(line) ?? [])
  const all = (keyword: string) =>
    lines.flatMap(([, key, value = '']) => (key === keyword && value !== UNSET ? [value] : []))
  const one = (keyword: string) => all(keyword).find(value => value !== 'none')
  const port = one('port')
  return {
    hostname: one('hostname') ?? '',
    user: one('user'),
    port: port === undefined || port === '65535' ? undefined : Number(port),
    identityFiles: all('identityfile'),
    identityAgent: all('identityagent')[0],
    identitiesOnly: one('identitiesonly') === 'yes',
    proxyJump: one('proxyjump'),
    proxyCommand: one('proxycommand'),
  }
}

function unreadable(address: string, error: unknown) {
  const { stderr, killed } = error as { stderr?: string; killed?: boolean }
  const reason = killed ? `no answer within ${ANSWER_MS / 1000} s` : stderr?.trim() || reasonOf(error)
  return precheckError('ssh-config', `ssh cannot read its configuration for ${address}: ${reason}`, {
    hint: `To see it: ssh -G ${address}. To make Belt ignore ssh_config, set ssh.config: none`,
    cause: error,
  })
}
