import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BeltCommand } from '../../src/cli/base-command.ts'
import type { LockPolicy } from '../../src/operations/lock.ts'

/** The lock of every command. A new command is entered here. */
const POLICIES: Readonly<Record<string, LockPolicy>> = {
  active: 'none',
  'agent/serve': 'none',
  'agent/start': 'none',
  'agent/status': 'none',
  'agent/stop': 'none',
  'cluster/config': 'none',
  'cluster/ls': 'none',
  'cluster/new': 'none',
  'cluster/rm': 'none',
  'cluster/update': 'none',
  cp: 'none',
  create: 'swarm',
  docker: 'none',
  exec: 'none',
  gc: 'none',
  hostname: 'machines',
  ip: 'none',
  'lock/release': 'none',
  'lock/status': 'none',
  log: 'none',
  ls: 'none',
  reboot: 'machines',
  resize: 'machines',
  rm: 'machines',
  shutdown: 'machines',
  ssh: 'none',
  start: 'machines',
  status: 'none',
  'swarm/activate': 'swarm',
  'swarm/backup/index': 'swarm',
  'swarm/backup/verify': 'none',
  'swarm/demote': 'swarm',
  'swarm/drain': 'swarm',
  'swarm/init': 'swarm',
  'swarm/join': 'swarm',
  'swarm/label': 'swarm',
  'swarm/leave': 'machines',
  'swarm/pause': 'swarm',
  'swarm/promote': 'swarm',
  'swarm/recover': 'recovery',
  'swarm/remove': 'swarm',
  'swarm/restore': 'folder',
  'swarm/status': 'none',
  'swarm/token': 'swarm',
  'swarm/update': 'swarm',
  tune: 'none',
  'upgrade/index': 'swarm',
  'upgrade/managers': 'swarm',
  'upgrade/workers': 'swarm',
  use: 'none',
}

const commands = sourcesIn('src/commands')
const nameOf = (file: string) => file.replace('src/commands/', '').replace(/\.ts$/, '')

describe('the lock of a command', () => {
  it('is listed for every command', () => {
    expect(commands.map(nameOf).sort()).toEqual(Object.keys(POLICIES).sort())
  })

  it.each(Object.entries(POLICIES))('belt %s takes the lock: %s', async (name, policy) => {
    const { default: command } = (await import(resolve(`src/commands/${name}.ts`))) as {
      default: typeof BeltCommand
    }
    expect(command.lock).toBe(policy)
  })

  it('is not bypassed by a command that declares one', () => {
    const locking = commands.filter(file => POLICIES[nameOf(file)] !== 'none')
    const shared = sourcesIn('src/cli').filter(file => file.endsWith('-command.ts'))
    const opening = [...locking, ...shared].filter(file => textOf(file).includes('this.openFleet('))
    expect(opening).toEqual(['src/cli/base-command.ts'])
  })

  it('is applied in one place, and in the recovery, which takes two locks in turn', () => {
    const taking = sourcesIn('src').filter(file => /\bwith(Folder|Machines)?Lock[(<,\s]/.test(textOf(file)))
    expect(taking.sort()).toEqual([
      'src/cli/base-command.ts',
      'src/operations/lock.ts',
      'src/operations/recovery/finish.ts',
      'src/operations/recovery/force.ts',
    ])
  })
})

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => join(folder, file))
}

function textOf(file: string): string {
  return readFileSync(file, 'utf8')
}
