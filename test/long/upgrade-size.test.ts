import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EmulatedCloud, emulatedDroplets, emulatedInstances } from '../support/emulated-clouds.ts'
import { requireEngine } from '../support/engine.ts'

/** Where SSH answers at the public addresses of instances, which are translated. */
const SSH_PORT = 22_024

const engine = await requireEngine()

describe.skipIf(!engine).each([
  ['droplets', emulatedDroplets],
  ['instances', (host: string) => emulatedInstances(host, SSH_PORT)],
])('upgrading the size of managers that are %s', { timeout: 400_000 }, (_, open) => {
  let cloud: EmulatedCloud
  const belt = (...args: string[]) => cloud.cluster.succeed(args, { deadlineMs: 380_000 })
  const shape = () => cloud.cluster.shape()
  const sizes = async () =>
    JSON.parse(await belt('ls', '--json')).map(({ memoryMiB }: { memoryMiB: number }) => memoryMiB)

  beforeAll(async () => {
    cloud = await open(engine?.host ?? '')
    await belt('create', 'mg[0:2]')
    await belt('swarm', 'init', 'mg0')
    await belt('swarm', 'join', '--manager', 'mg0', 'mg[1:2]')
  })
  afterAll(() => cloud.close())

  it('resizes each while it is demoted, the leader last, and restores each', async () => {
    await belt('swarm', 'drain', 'mg1')
    const before = await shape()
    expect(await sizes()).toEqual([512, 512, 512])
    const out = await belt('upgrade', 'managers', '--size', '1gb')
    expect(out).toBe('mg1: upgraded\nmg2: upgraded\nmg0: upgraded\n')
    expect(await sizes()).toEqual([1024, 1024, 1024])
    expect(await shape()).toEqual(before)
    const { group } = JSON.parse((await cloud.cluster.run(['swarm', 'status', '--json'])).stdout)
    expect(group).toEqual({ managers: 3, reachable: 3 })
  })

  it('skips nodes that are already in the desired state', async () => {
    expect(await belt('upgrade', 'managers', '--size', '1gb')).toBe('')
  })
})
