import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kernelSetting } from '../../src/domain/kernel-setting.ts'
import { compareKernel, type KernelValue } from '../../src/domain/tuning.ts'

const KEY = 'net.core.somaxconn'

const compare = (
  found: KernelValue | undefined,
  file: string | undefined,
  { key = KEY, isContainer = false } = {},
) =>
  compareKernel([kernelSetting(key, '4096')], {
    isContainer,
    live: new Map(found && [[key, found]]),
    file: new Map(file === undefined ? [] : [[key, file]]),
  })[0]

const writable = (value: string): KernelValue => ({ state: 'writable', value })

describe('compareKernel', () => {
  it.each([
    ['128', undefined, '4096', 'drift'],
    ['4096', undefined, '4096', 'drift'],
    ['4096', '4096', '4096', 'as-wanted'],
    ['4096', '128', '4096', 'drift'],
    ['8192', '8192', '8192', 'as-wanted'],
    ['8192', '4096', '8192', 'drift'],
    ['4096', '8192', '8192', 'drift'],
  ])('live %s and in the file %s shall be %s: %s', (live, file, wanted, state) => {
    expect(compare(writable(live), file)).toMatchObject({ live, wanted, state })
  })

  it.each([
    [{ state: 'absent' }, 'not available'],
    [{ state: 'unreadable' }, 'cannot be read'],
    [{ state: 'read-only', value: '128' }, 'read-only'],
    [undefined, 'cannot be read'],
  ] as const)('does not support %j', (found, reason) => {
    expect(compare(found, undefined)).toMatchObject({
      state: 'unsupported',
      reason: expect.stringContaining(reason),
    })
  })

  it('is content with a read-only key that is as wanted', () => {
    expect(compare({ state: 'read-only', value: '8192' }, undefined)?.state).toBe('as-wanted')
  })

  it('leaves to the machine what a container shares with it', () => {
    const key = 'vm.max_map_count'
    expect(compare(writable('128'), undefined, { key, isContainer: true })?.state).toBe('unsupported')
    expect(compare(writable('128'), undefined, { key })?.state).toBe('drift')
  })

  it('has nothing more to do once live and file are what it wanted', () => {
    const number = fc.nat().map(String)
    fc.assert(
      fc.property(number, fc.option(number, { nil: undefined }), (live, file) => {
        const wanted = compare(writable(live), file)?.wanted ?? ''
        expect(compare(writable(wanted), wanted)).toMatchObject({ wanted, state: 'as-wanted' })
      }),
    )
  })
})
