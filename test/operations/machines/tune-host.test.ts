import { describe, expect, it } from 'vitest'
import { kernelSetting } from '../../../src/domain/kernel-setting.ts'
import { tuneHost } from '../../../src/operations/machines/tune-host.ts'
import { compareHost } from '../../../src/queries/kernel-settings.ts'
import { FakeKernel } from '../../support/fake-kernel.ts'

const FILE = '/etc/sysctl.d/90-belt.conf'
const settings = [
  kernelSetting('net.core.somaxconn', '4096'),
  kernelSetting('net.ipv4.ip_local_port_range', '10240 65535'),
]
const kernel = (change: Record<string, string> = {}) =>
  new FakeKernel('node1', {
    'net.core.somaxconn': '128',
    'net.ipv4.ip_local_port_range': '32768\t60999',
    ...change,
  })
const states = (keys: readonly { state: string }[]) => keys.map(({ state }) => state)

describe('tuneHost', () => {
  it('sets the keys, and writes them for the next start', async () => {
    const { host, values } = kernel()
    expect(states(await tuneHost(host, settings))).toEqual(['set', 'set'])
    expect(values.get('net.core.somaxconn')).toBe('4096')
    expect(values.get('net.ipv4.ip_local_port_range')).toBe('10240 65535')
    expect(host.files.get(FILE)).toEqual({
      content: expect.stringContaining(
        'net.core.somaxconn = 4096\nnet.ipv4.ip_local_port_range = 10240 65535\n',
      ),
      mode: 0o644,
    })
  })

  it('has nothing to do the second time', async () => {
    const { host } = kernel()
    await tuneHost(host, settings)
    host.lines.length = 0
    expect(states(await tuneHost(host, settings))).toEqual(['as-wanted', 'as-wanted'])
    expect(host.lines).toHaveLength(1)
  })

  it('lowers nothing, and keeps what is higher over the next start', async () => {
    const { host, values } = kernel({ 'net.core.somaxconn': '65535' })
    await tuneHost(host, settings)
    expect(values.get('net.core.somaxconn')).toBe('65535')
    expect(host.files.get(FILE)?.content).toContain('net.core.somaxconn = 65535')
  })

  it('keeps the keys of an earlier run in the file', async () => {
    const { host } = kernel()
    await host.upload('vm.swappiness = 1\n', FILE, 0o644)
    await tuneHost(host, settings)
    expect(host.files.get(FILE)?.content).toContain('vm.swappiness = 1\n')
  })

  it('goes on where the kernel refuses a key, and keeps that one out of the file', async () => {
    const { host, values, refuses } = kernel()
    refuses.add('net.core.somaxconn')
    expect(await tuneHost(host, settings)).toMatchObject([
      { state: 'refused', reason: 'Invalid argument' },
      { state: 'set' },
    ])
    expect(values.get('net.core.somaxconn')).toBe('128')
    expect(host.files.get(FILE)?.content).not.toContain('somaxconn')
  })

  it('tells which keys are absent or read-only, and sets the others', async () => {
    const { host, values, readOnly } = kernel()
    values.delete('net.core.somaxconn')
    readOnly.add('net.ipv4.ip_local_port_range')
    expect(states(await tuneHost(host, settings))).toEqual(['unsupported', 'unsupported'])
    expect(host.files.size).toBe(0)
  })

  it('never sets what a container shares with the machine below it', async () => {
    const inner = kernel({ 'vm.max_map_count': '65530' })
    inner.isContainer = true
    const compared = await tuneHost(inner.host, [kernelSetting('vm.max_map_count', '262144')])
    expect(states(compared)).toEqual(['unsupported'])
    expect(inner.values.get('vm.max_map_count')).toBe('65530')
  })
})

describe('compareHost', () => {
  it('tells the difference, and changes nothing', async () => {
    const { host, values } = kernel()
    expect(await compareHost(host, settings)).toMatchObject([
      { key: 'net.core.somaxconn', live: '128', wanted: '4096', state: 'drift' },
      { key: 'net.ipv4.ip_local_port_range', live: '32768 60999', wanted: '10240 65535', state: 'drift' },
    ])
    expect(values.get('net.core.somaxconn')).toBe('128')
    expect(host.files.size).toBe(0)
  })
})
