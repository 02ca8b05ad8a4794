import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import type { HostAddress } from '../../src/hosts/host.ts'
import { hasSshd, Sshd } from './sshd.ts'

/** A user who may log in to a private sshd. None is root; none but `sudoer` may become it. */
export interface ShellUser {
  /** The login shell. */
  readonly shell: string
  /** Start-up files, by their names in the home folder. */
  readonly files?: Readonly<Record<string, string>>
  /** What authorized_keys runs instead of what was asked for. */
  readonly forcedCommand?: string
  /** Whether `sudo` works without a password. */
  readonly sudo?: boolean
  /** Groups of this machine besides the user's own. */
  readonly groups?: readonly string[]
}

export const BASHRC_SAYS = 'Welcome to this host'

/** Who is there when nothing else is asked for. */
export const SHELL_USERS = {
  bash: { shell: '/bin/bash' },
  dash: { shell: '/bin/dash' },
  zsh: { shell: '/usr/bin/zsh', files: { '.zshrc': '' } },
  fish: { shell: '/usr/bin/fish' },
  tcsh: { shell: '/usr/bin/tcsh' },
  /** The start-up file prints to stdout. */
  noisy: { shell: '/bin/bash', files: { '.bashrc': `echo "${BASHRC_SAYS}"\n` } },
  /** The start-up file prints to stderr. */
  errnoisy: { shell: '/bin/bash', files: { '.bashrc': `echo "${BASHRC_SAYS}" >&2\n` } },
  /** The start-up file prints 20 MB to stdout, without a new line at the end. */
  chatty: { shell: '/bin/bash', files: { '.bashrc': 'head -c 20000000 /dev/zero\n' } },
  /** The start-up file ends the shell, with success, before it runs anything. */
  leaving: { shell: '/bin/bash', files: { '.bashrc': 'echo "no commands today" >&2; exit 0\n' } },
  /** authorized_keys runs something else, with success. */
  forced: { shell: '/bin/bash', forcedCommand: 'echo "only backups here" >&2' },
  nologin: { shell: '/usr/sbin/nologin' },
  sudoer: { shell: '/bin/bash', sudo: true },
} as const satisfies Record<string, ShellUser>

const NEEDED = ['/usr/sbin/sshd', '/usr/bin/fish', '/usr/bin/tcsh', '/usr/bin/zsh', '/usr/bin/sudo']

/** False where they cannot be had: suites that need them are skipped, and say so. */
export const hasShellUsers = canHaveShellUsers()

export interface ShellUsersOptions<User extends string> {
  /** Default: `SHELL_USERS`. */
  readonly users?: Readonly<Record<User, ShellUser>>
  /** Lines of sshd_config, such as `MaxAuthTries 3` or `AllowStreamLocalForwarding no`. */
  readonly config?: readonly string[]
  /** Another server whose key lets in as each of the users; one of its own unless told. */
  readonly key?: Pick<Sshd, 'privateKey' | 'publicKey'>
}

/**
 * A private sshd on 127.0.0.1 with users of its own. It and its sessions see private copies of passwd, shadow, group and
 * sudoers; this machine's own files stay as they are. One key, `sshd.privateKey`, lets in as each of them.
 */
export class ShellUsers<User extends string = keyof typeof SHELL_USERS> {
  readonly sshd: Sshd
  readonly #folder: string

  private constructor(sshd: Sshd, folder: string) {
    this.sshd = sshd
    this.#folder = folder
  }

  static async start<User extends string = keyof typeof SHELL_USERS>(
    options: ShellUsersOptions<User> = {},
  ): Promise<ShellUsers<User>> {
    const users = Object.entries<ShellUser>(options.users ?? SHELL_USERS)
    const folder = mkdtempSync(join(tmpdir(), 'belt-users-'))
    const sshd = await Sshd.prepare({
      ...(options.key && { user: options.key }),
      config: [
        ...(options.config ?? []),
        `AuthorizedKeysFile ${folder}/home/%u/.ssh/authorized_keys`,
        // The one of the support would give all of them one home.
        'SetEnv BELT_TEST=1',
      ],
      within: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mounting(folder), 'sh'],
    })
    writeAccounts(folder, users)
    for (const [index, [name, user]] of users.entries())
      makeHome(folder, name, idOf(index), user, sshd.publicKey)
    // Users pass through to their homes.
    for (const path of [folder, join(folder, 'home')]) chmodSync(path, 0o711)
    const started = new ShellUsers<User>(sshd, folder)
    await sshd.start().catch(async error => {
      await started.stop()
      throw error
    })
    return started
  }

  /** How a Belt reaches one of them, under the user's name unless told. */
  address(user: User, more: Partial<HostAddress> = {}): HostAddress {
    return this.sshd.address(user, { user, ...more })
  }

  /** The home folder of one of them, which the tests may look into. */
  home(user: User): string {
    return join(this.#folder, 'home', user)
  }

  /** The lines of a Belt config that lists them as hosts, each by the user's name. */
  config(users: readonly User[]): string {
    const hosts = users.map(
      user => `    - { name: ${user}, address: 127.0.0.1, port: ${this.sshd.port}, user: ${user} }\n`,
    )
    return `name: t\nssh: { private_key: ${this.sshd.privateKey} }\nstatic:\n  hosts:\n${hosts.join('')}`
  }

  async stop(): Promise<void> {
    await this.sshd.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** The files of /etc that private copies cover, where sshd and its sessions look. */
const COVERED = ['passwd', 'shadow', 'group', 'sudoers']

function mounting(folder: string): string {
  return `${COVERED.map(name => `mount --bind '${folder}/${name}' /etc/${name}`).join(' && ')} && exec "$@"`
}

function idOf(index: number): number {
  return 41_000 + index
}

function writeAccounts(folder: string, users: readonly (readonly [string, ShellUser])[]): void {
  execFileSync('cp', ['--preserve=mode,ownership', ...COVERED.map(name => `/etc/${name}`), folder])
  const append = (name: string, line: string) => appendFileSync(join(folder, name), `${line}\n`)
  const memberships = new Map<string, string[]>()
  for (const [index, [name, { shell, sudo, groups = [] }]] of users.entries()) {
    const id = idOf(index)
    append('passwd', `${name}:x:${id}:${id}::${folder}/home/${name}:${shell}`)
    // `*` has no password and is not locked.
    append('shadow', `${name}:*:19000:0:99999:7:::`)
    append('group', `${name}:x:${id}:`)
    if (sudo) append('sudoers', `${name} ALL=(ALL) NOPASSWD: ALL`)
    for (const group of groups) memberships.set(group, [...(memberships.get(group) ?? []), name])
  }
  const lines = readFileSync(join(folder, 'group'), 'utf8').split('\n')
  writeFileSync(join(folder, 'group'), lines.map(line => withMembers(line, memberships)).join('\n'))
}

/** A line of /etc/group, with more members. */
function withMembers(line: string, memberships: ReadonlyMap<string, readonly string[]>): string {
  const [group = '', , , members] = line.split(':')
  const more = memberships.get(group)
  return more ? `${line}${members ? ',' : ''}${more.join(',')}` : line
}

function makeHome(folder: string, name: string, id: number, user: ShellUser, publicKey: string): void {
  const home = join(folder, 'home', name)
  const key = user.forcedCommand
    ? `command="${user.forcedCommand.replaceAll('"', '\\"')}" ${publicKey}`
    : publicKey
  const files = { '.ssh/authorized_keys': `${key}\n`, ...user.files }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), content)
  }
  execFileSync('chown', ['-R', `${id}:${id}`, home])
}

function canHaveShellUsers(): boolean {
  const missing = NEEDED.filter(path => !existsSync(path))
  if (userInfo().uid === 0 && hasSshd && missing.length === 0) return true
  const reason = `they need root and ${NEEDED.join(', ')}`
  if (process.env.BELT_TEST_ENGINE === 'required')
    throw new Error(`no tests with users of other shells: ${reason}`)
  process.stderr.write(`SKIPPED, the tests with users of other shells: ${reason}\n`)
  return false
}
