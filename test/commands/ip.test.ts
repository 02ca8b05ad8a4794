import { describe, expect, it } from 'vitest'
import Ip from '../../src/commands/ip.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { fakeFleet } from '../support/fake-fleet.ts'
import { FakeHost } from '../support/fake-host.ts'
import { commandsOn } from '../support/run-command.ts'

/** Two machines with addresses, and one that is still being made. */
async function cluster() {
  const driver = new FakeDriver('prod').with('node1', 'node2')
  driver.vendor.begin('prod', 'node3')
  return commandsOn(fakeFleet(driver, name => new FakeHost(name)))
}

describe('belt ip', () => {
  it('prints nothing but the address of one machine', async () => {
    const { run, printed } = await cluster()
    expect((await run(Ip, 'node1')).result).toMatchObject({ name: 'node1' })
    expect(printed()).toMatch(/^198\.18\.\d+\.\d+\n$/)
  })

  it('prints a table for a range', async () => {
    const { run, printed } = await cluster()
    expect((await run(Ip, 'node[1:2]')).result).toMatchObject([{ name: 'node1' }, { name: 'node2' }])
    expect(printed()).toMatch(/^NAME {3}ADDRESS\nnode1 {2}198\.18\S+\nnode2 {2}198\.18\S+\n$/)
  })

  it('reports the machines that have none beside those that have one', async () => {
    const { run, printed, reported } = await cluster()
    const { exitCode } = await run(Ip, 'node[1:3]')
    expect(exitCode).toBe(4)
    expect(printed()).toContain('node2')
    expect(reported()).toContain('node3 has no address; its status is new')
  })

  it('needs a name', async () => {
    const { run } = await cluster()
    await expect(run(Ip)).rejects.toMatchObject({ code: 'missing-argument', exitCode: 2 })
  })
})
