import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Command } from '../../src/remote/command.ts'

const config = { id: 'c1', version: 7, renewedAt: new Date(0), claim: {} }

/** What is said to hosts, with an example of the arguments. A new command belongs into one of the two. */
const READS: Record<string, readonly unknown[]> = {
  readHostnameCommand: [],
  readKernelCommand: [['vm.swappiness']],
  nodeRequest: ['id1'],
  nodesRequest: [],
  networksRequest: [],
  containersRequest: [],
  volumesRequest: [],
  servicesRequest: [],
  tasksRequest: [{}],
  settingsCommand: [],
  unlockKeyCommand: [],
  engineVersionCommand: [],
  clientCommand: [],
  engineSurroundingsCommand: [],
  engineLogCommand: [10],
  bootCommand: [],
  ingressCommand: [],
  addressesCommand: [],
  ownAddressCommand: [],
  defaultRouteCommand: [],
  probeCommand: ['10.0.0.1', 2377],
  inventoryCommand: [],
  nodeStatesCommand: [],
  raftLogCommand: [],
  autolockCommand: [],
  describeFileCommand: ['/etc/hosts'],
  readFileCommand: ['/etc/hosts', 10],
  hostFactsCommand: [],
  enginePackageCommand: [],
  listedEnginePackageCommand: [],
  installedEngineCommand: [],
  membershipRequest: [],
  certificateCommand: [],
  joinTokenCommand: ['worker'],
  // The lock is Belt's own.
  readLockRequest: [],
  createLockRequest: [{}],
  replaceLockRequest: [config, {}],
  removeLockRequest: [config],
}
const CHANGES: Record<string, readonly unknown[]> = {
  restartEngineCommand: [],
  setHostnameCommand: ['node1', ''],
  availabilityCommand: ['n1', 'drain'],
  roleCommand: ['n1', 'manager'],
  removeNodeCommand: ['n1'],
  labelCommand: ['n1', new Map(), []],
  updateCommand: [{}],
  initCommand: [{ advertiseAddress: '10.0.0.1' }],
  joinCommand: [{ token: 't', managers: [] }],
  leaveCommand: [false],
  applyKernelCommand: [new Map()],
  rebootCommand: [],
  addAddressCommand: ['10.0.0.1'],
  isolateCommand: [],
  startEngineCommand: [],
  snapshotStateCommand: [undefined],
  settleStateCommand: [],
  restoreStateCommand: ['0'.repeat(64), 'aside'],
  forceNewClusterCommand: ['10.0.0.1'],
  downloadEngineCommand: [{ manager: 'apt', name: 'docker-ce', clientVersions: [] }, '28'],
  installEngineCommand: [{ manager: 'apt', name: 'docker-ce', clientVersions: [] }, '28'],
  holdEngineCommand: [{ manager: 'apt', name: 'docker-ce' }],
  unlockCommand: ['SWMKEY-1-x'],
  dockerCommand: [['run', 'nginx']],
}

const files = readdirSync('src/remote').filter(file => file !== 'command.ts' && file !== 'engine.ts')
const modules: Record<string, unknown>[] = await Promise.all(
  files.map(file => import(resolve('src/remote', file))),
)
const builders = new Map(
  modules.flatMap(module => Object.entries(module)).filter(([name]) => /(Command|Request)$/.test(name)),
)

function made(name: string, args: readonly unknown[]): Command {
  const builder = builders.get(name)
  return typeof builder === 'function' ? builder(...args) : (builder as Command)
}

describe('the commands for hosts', () => {
  it('have names that end in Command or Request, so that this test finds them', () => {
    const makers = files.flatMap(file => {
      const source = readFileSync(join('src/remote', file), 'utf8')
      const functions = source.matchAll(/^export function (\w+)\((?:[^)]|\)(?!:))*\): \w*Command \{/gm)
      return [...functions, ...source.matchAll(/^export const (\w+): \w*Command\b/gm)].map(([, name]) => name)
    })
    expect(makers.length).toBeGreaterThan(15)
    expect(makers.sort()).toEqual([...builders.keys()].sort())
  })

  it('are all listed here, as reading or as changing', () => {
    expect([...builders.keys()].sort()).toEqual([...Object.keys(READS), ...Object.keys(CHANGES)].sort())
  })

  it.each(Object.entries(READS))('are not journaled if they only read: %s', (name, args) => {
    expect(made(name, args).journaled).toBe(false)
  })

  it.each(Object.entries(CHANGES))('are journaled if they change something: %s', (name, args) => {
    expect(made(name, args).journaled).not.toBe(false)
  })

  it('are journaled if they rotate a join token', () => {
    expect(made('joinTokenCommand', ['worker', true]).journaled).toBe(true)
  })
})
