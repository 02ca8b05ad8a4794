import { describe, expect, it } from 'vitest'
import { shortages } from '../../../src/drivers/docker/preflight.ts'

const facts = { OperatingSystem: 'Linux', SecurityOptions: [], CgroupVersion: '2', MemTotal: 4 * 2 ** 30 }

describe('before many machines', () => {
  it('nothing is said when they fit', () => {
    expect(shortages({ machines: 8, memoryMiB: 4096 }, facts, 128)).toEqual([])
  })

  it('notes too little memory', () => {
    expect(shortages({ machines: 5, memoryMiB: 5120 }, facts, 128)).toEqual([
      'the machines may use 5120 MiB of memory, but the Docker Engine has only 4096 MiB',
    ])
  })

  it('a low limit of inotify is said, with the command that raises it', () => {
    const [note] = shortages({ machines: 40, memoryMiB: 1 }, facts, 128)
    expect(note).toMatch(/sudo sysctl fs\.inotify\.max_user_instances=320$/)
  })

  it('the limit matters neither where it is unknown nor with cgroups of version 1', () => {
    const load = { machines: 40, memoryMiB: 1 }
    expect(shortages(load, facts, undefined)).toEqual([])
    expect(shortages(load, { ...facts, CgroupVersion: '1' }, 128)).toEqual([])
  })
})
