import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import type { Host } from '../../src/hosts/host.ts'
import { KnownHosts } from '../../src/hosts/known-hosts/known-hosts.ts'
import { runChecked } from '../../src/hosts/run-checked.ts'
import { SSH_DEFAULTS } from '../../src/hosts/ssh/options.ts'
import { SshHosts } from '../../src/hosts/ssh/ssh-hosts.ts'
import { command } from '../../src/remote/command.ts'
import { initCommand, joinCommand, joinTokenCommand } from '../../src/remote/swarm.ts'
import { requireEngine } from '../support/engine.ts'
import { LocalMachines } from '../support/local-machines.ts'
import { IMPORT_TINY_IMAGE, TINY_IMAGE } from '../support/tiny-image.ts'
import { type SwarmUnderTest, swarmContract } from './swarm.ts'

const NAMES = ['mg0', 'mg1', 'mg2', 'node1', 'spare']

const engine = await requireEngine()

describe.skipIf(!engine)('on real Docker Engines', () => {
  swarmContract('local machines', () => swarmOfMachines(engine?.host ?? ''))
})

async function swarmOfMachines(engineHost: string): Promise<SwarmUnderTest> {
  const machines = new LocalMachines(engineHost)
  const folder = await mkdtemp(join(tmpdir(), 'belt-swarm-'))
  const ssh = new SshHosts({
    ...SSH_DEFAULTS,
    homeDirectory: folder,
    privateKey: machines.privateKey,
    knownHosts: new KnownHosts(join(folder, 'known_hosts')),
  })
  const hosts = new Map<string, Host>()
  const addresses = new Map<string, string>()
  for (const outcome of await machines.driver().create(NAMES.map(name => ({ name, size: '512mb' })))) {
    if (!outcome.ok) throw outcome.error
    const { name, ssh: door, privateAddress } = outcome.machine
    if (!door || !privateAddress) throw new Error(`${name} has no address`)
    hosts.set(name, ssh.host({ name, ...door, fresh: true }))
    addresses.set(name, privateAddress)
  }
  const host = (name: string): Host => hosts.get(name) as Host

  await runChecked(host('mg0'), initCommand({ advertiseAddress: addresses.get('mg0') ?? '' }))
  for (const name of ['mg1', 'mg2', 'node1']) {
    const role = name === 'node1' ? 'worker' : 'manager'
    const { stdout } = await runChecked(host('mg0'), joinTokenCommand(role))
    const managers = [`${addresses.get('mg0')}:2377`]
    const words = { token: stdout.trim(), managers, advertiseAddress: addresses.get(name) }
    await runChecked(host(name), joinCommand(words), { timeoutMs: 60_000 })
  }

  return {
    host,
    async runService(name, node) {
      for (const machine of NAMES) await runChecked(host(machine), { shell: IMPORT_TINY_IMAGE })
      const where = ['--constraint', `node.id==${node.id}`, '--detach', '--no-resolve-image']
      const create = [
        'docker',
        'service',
        'create',
        '--name',
        name,
        ...where,
        TINY_IMAGE,
        '/bin/sleep',
        '1000',
      ]
      await runChecked(host('mg0'), command(...create))
    },
    async kill(...names) {
      for (const name of names) await machines.docker.getContainer(`belt.${machines.cluster}.${name}`).kill()
    },
    async dispose() {
      ssh.close()
      await machines.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
