import { describe, expect, it } from 'vitest'
import { kernelPreset, presetNames } from '../../src/config/kernel-presets.ts'
import { kernelSetting } from '../../src/domain/kernel-setting.ts'

describe('the presets', () => {
  it('are all valid kernel settings', async () => {
    const names = await presetNames()
    expect(names).toContain('large-swarm')
    for (const name of names)
      for (const [key, value] of Object.entries(await kernelPreset(name)))
        expect(kernelSetting(key, String(value)).key).toBe(key)
  })

  it('never ask for smaller neighbour tables than the engine makes itself', async () => {
    expect(await kernelPreset('large-swarm')).toMatchObject({
      'net.ipv4.neigh.default.gc_thresh2': 49_152,
      'net.ipv4.neigh.default.gc_thresh3': 65_536,
    })
  })

  it('include the presets that they extend', async () => {
    expect(await kernelPreset('large-swarm')).toMatchObject(await kernelPreset('small-swarm'))
  })

  it('are suggested if one does not exist', async () => {
    await expect(kernelPreset('large-swam')).rejects.toMatchObject({
      exitCode: 2,
      message: 'no such preset: "large-swam", did you mean "large-swarm"?',
    })
    await expect(kernelPreset('../config/docker')).rejects.toMatchObject({ code: 'unknown-preset' })
  })
})
