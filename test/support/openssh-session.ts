import { join } from 'node:path'
import type { HostAddress } from '../../src/hosts/host.ts'
import { command } from '../../src/remote/command.ts'
import { sshHostsFor } from './ssh-hosts.ts'

/** A Belt that keeps a connection of the system's ssh open until somebody ends it. */
const { folder, address } = JSON.parse(process.argv[2] ?? '') as { folder: string; address: HostAddress }
const sshd = { folder, privateKey: join(folder, 'user_key') }
const host = sshHostsFor(sshd, { client: 'openssh', configFile: 'none' }).host(address)
void host.run(command('sleep', '60'), { timeoutMs: 60_000 })
await host.run(command('true'))
process.stdout.write('connected\n')
