import { describe, expect, it } from 'vitest'
import { renameHost } from '../../src/steps/rename-host.ts'
import { perform } from '../../src/steps/step.ts'
import { FakeHost } from '../support/fake-host.ts'

/** A host that takes the name `node1` when asked to, unless it is stubborn. */
function hostCalled(live: string, configured: string, { isStubborn = false } = {}) {
  const name = { live, configured }
  const written: string[] = []
  const host = new FakeHost('node1', (line, input) => {
    if (line.includes("printf 'live"))
      return {
        stdout: `live ${name.live}\nconfigured ${name.configured}\nengine \nhosts\n127.0.1.1 ${name.live}\n`,
      }
    written.push(input.toString())
    if (!isStubborn) Object.assign(name, { live: 'node1', configured: 'node1' })
    return {}
  })
  return { host, written }
}

describe('renameHost', () => {
  it('has nothing to do if the host has its name, now and after a restart', async () => {
    const { host, written } = hostCalled('node1', 'node1')
    expect(await perform(renameHost(host))).toBe(false)
    expect(written).toEqual([])
  })

  it('changes the name, and its address in the hosts file', async () => {
    const { host, written } = hostCalled('ubuntu', 'ubuntu')
    expect(await perform(renameHost(host))).toBe(true)
    expect(written).toEqual(['127.0.1.1 node1\n'])
  })

  it('also changes a name that only the next restart would bring', async () => {
    const { host } = hostCalled('node1', 'ubuntu')
    expect((await renameHost(host).changes()).map(String)).toEqual([
      'node1 is called ubuntu after a restart and becomes node1',
    ])
    expect(await perform(renameHost(host))).toBe(true)
  })

  it('fails if the name is unchanged afterwards', async () => {
    const { host } = hostCalled('ubuntu', 'node1', { isStubborn: true })
    await expect(perform(renameHost(host))).rejects.toMatchObject({
      code: 'rename-incomplete',
      message: 'the name did not change: node1 is called ubuntu and becomes node1',
    })
  })
})
