import { join } from 'node:path'
import { KnownHosts } from '../../src/hosts/known-hosts/known-hosts.ts'
import { SSH_DEFAULTS, type SshOptions } from '../../src/hosts/ssh/options.ts'
import { SshHosts } from '../../src/hosts/ssh/ssh-hosts.ts'
import type { Sshd } from './sshd.ts'

/** Hosts that log in with the key of a private server, and keep host keys in its folder. */
export function sshHostsFor(
  sshd: Pick<Sshd, 'folder' | 'privateKey'>,
  more: Partial<SshOptions> = {},
): SshHosts {
  return new SshHosts({
    ...SSH_DEFAULTS,
    homeDirectory: join(sshd.folder, 'home'),
    privateKey: sshd.privateKey,
    knownHosts: new KnownHosts(join(sshd.folder, 'known_hosts')),
    ...more,
  })
}
