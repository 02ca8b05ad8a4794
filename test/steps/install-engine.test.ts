import { describe, expect, it } from 'vitest'
import { installEngine } from '../../src/steps/install-engine.ts'
import { perform } from '../../src/steps/step.ts'
import { FakeHost, type Reply } from '../support/fake-host.ts'
import { FlyingClock } from '../support/flying-clock.ts'

const LISTED = 'manager apt\nname docker-ce\nversion 5:23.0.1-1~debian.12~bookworm\n'

/** A host with an engine; `starts` is the version that runs after each start, undefined if none comes up. */
function machineWith(engine: {
  running: string
  isHeld: boolean
  starts: (string | undefined)[]
  losesClient?: boolean
}) {
  const acts: string[] = []
  let running: string | undefined = engine.running
  const start = (act: string): Reply => {
    acts.push(act)
    running = engine.starts.shift()
    return {}
  }
  const host = new FakeHost('node1', line => {
    if (line.startsWith('docker version'))
      return running === undefined ? { code: 1, stderr: 'no engine\n' } : { stdout: `${running}\n` }
    if (line === 'command -v docker') return { code: engine.losesClient && acts.includes('install') ? 1 : 0 }
    if (line.includes('apt-cache madison')) return { stdout: LISTED }
    if (line.includes('apt-mark showhold'))
      return {
        stdout: `manager apt\nname docker-ce\nversion 5:${running}-1~debian.12~bookworm\n${engine.isHeld ? 'held yes\n' : ''}`,
      }
    if (line.includes('docker-ce=5:23.0.1-1~debian.12~bookworm')) return start('install')
    if (line.includes('systemctl restart docker')) return start('restart')
    return undefined
  })
  const install = (version = '23.0.1') => installEngine(host, version, { clock: new FlyingClock() })
  return { host, acts, install }
}

describe('installEngine', () => {
  it('has nothing to do if the version runs and is held', async () => {
    const { acts, install } = machineWith({ running: '23.0.1', isHeld: true, starts: [] })
    expect(await perform(install())).toBe(false)
    expect(acts).toEqual([])
  })

  it('installs the version and leaves the restart to the package', async () => {
    const { acts, install } = machineWith({ running: '20.10.24', isHeld: true, starts: ['23.0.1'] })
    expect((await install().changes()).map(String)).toEqual(['node1: engine 20.10.24 becomes 23.0.1, held'])
    expect(await perform(install())).toBe(true)
    expect(acts).toEqual(['install'])
  })

  it.each([
    ['the old engine still runs', '20.10.24'],
    ['no engine comes up', undefined],
  ])('restarts the engine if %s after the installation', async (_, started) => {
    const { acts, install } = machineWith({ running: '20.10.24', isHeld: false, starts: [started, '23.0.1'] })
    expect(await perform(install())).toBe(true)
    expect(acts).toEqual(['install', 'restart'])
  })

  it('fails if the host has no client afterwards, whatever its engine runs', async () => {
    const { install } = machineWith({
      running: '20.10.24',
      isHeld: false,
      starts: ['23.0.1'],
      losesClient: true,
    })
    await expect(perform(install())).rejects.toMatchObject({
      code: 'no-client',
      message: 'node1 has no docker command',
      hint: expect.stringContaining('docker-cli'),
    })
  })

  it('fails if another version runs after the restart, too', async () => {
    const { install } = machineWith({ running: '20.10.24', isHeld: false, starts: ['20.10.24', '20.10.24'] })
    await expect(perform(install())).rejects.toMatchObject({
      code: 'not-upgraded',
      message: 'node1 runs engine 20.10.24, not 23.0.1',
    })
  })

  it('refuses a version that the repositories do not have', async () => {
    const { acts, install } = machineWith({ running: '20.10.24', isHeld: true, starts: [] })
    await expect(perform(install('27.0.0'))).rejects.toMatchObject({ code: 'no-such-version', exitCode: 3 })
    expect(acts).toEqual([])
  })
})
