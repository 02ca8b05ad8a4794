import { resolve } from 'node:path'
import { Config } from '@oclif/core'
import { afterEach, describe, expect, it } from 'vitest'
import type { GlobalFlags } from '../../src/cli/flags/global-flags.ts'
import Reboot from '../../src/commands/reboot.ts'
import Resize from '../../src/commands/resize.ts'
import Shutdown from '../../src/commands/shutdown.ts'
import Start from '../../src/commands/start.ts'
import type { Fleet } from '../../src/operations/fleet.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { fakeFleet } from '../support/fake-fleet.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'

/** Two managers and a worker, and a way to run a command on them. */
async function cluster() {
  const swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1']) swarm.enrol(name, 'manager')
  swarm.enrol('node1', 'worker')
  swarm.also = (_, line) => (line === 'true' ? { code: 0 } : undefined)
  const driver = new FakeDriver('prod').with('mg0', 'mg1', 'node1')
  const fleet = fakeFleet(driver, name => swarm.host(name))
  const config = await Config.load(resolve('.'))
  const run = (
    Command: typeof Reboot | typeof Shutdown | typeof Start | typeof Resize,
    ...argv: string[]
  ) => {
    const Quiet = class extends (Command as typeof Reboot) {
      protected override openFleet = async (_flags: GlobalFlags): Promise<Fleet> => fleet
      protected override print = () => {}
    }
    return new Quiet([...argv, '--json'], config).run()
  }
  return { driver, run }
}

afterEach(() => {
  process.exitCode = 0
})

describe('the commands that switch machines', () => {
  it.each([
    ['reboot', Reboot],
    ['shutdown', Shutdown],
    ['start', Start],
  ] as const)('belt %s refuses to guess which machines are meant', async (name, Command) => {
    const { run } = await cluster()
    await expect(run(Command)).rejects.toMatchObject({
      code: 'missing-argument',
      exitCode: 2,
      hint: `belt ${name} 'node[3:4]'`,
    })
  })

  it.each([
    ['reboot', Reboot, ['mg1']],
    ['shutdown', Shutdown, ['mg1']],
    ['resize', Resize, ['2gb', 'mg1']],
  ] as const)('belt %s refuses to take the quorum away', async (_, Command, argv) => {
    const { run, driver } = await cluster()
    await expect(run(Command, ...argv)).rejects.toMatchObject({ code: 'quorum', exitCode: 5 })
    expect((await driver.list()).map(({ status }) => status)).toEqual(['active', 'active', 'active'])
  })

  it('belt shutdown stops the machines that are named, and no others', async () => {
    const { run, driver } = await cluster()
    expect(await run(Shutdown, 'node1')).toMatchObject([{ name: 'node1', status: 'off' }])
    expect((await driver.list()).map(({ status }) => status)).toEqual(['active', 'active', 'off'])
  })

  it('belt shutdown stops the whole cluster if all of it is named', async () => {
    const { run, driver } = await cluster()
    await run(Shutdown, '@all')
    expect((await driver.list()).map(({ status }) => status)).toEqual(['off', 'off', 'off'])
  })

  it('belt resize needs a size and names', async () => {
    const { run } = await cluster()
    await expect(run(Resize, '2gb')).rejects.toMatchObject({ code: 'missing-argument', exitCode: 2 })
  })
})
