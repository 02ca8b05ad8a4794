import { describe, expect, it } from 'vitest'
import { driverNames, isDriverName, loadDriver } from '../../src/drivers/registry.ts'

describe.each(driverNames)('the driver %s', name => {
  it('is loaded under its name', async () => {
    expect((await loadDriver(name)).name).toBe(name)
  })

  it('describes every option, and masks only options that it has', async () => {
    const { schema, secrets } = await loadDriver(name)
    for (const [option, type] of Object.entries(schema.shape)) {
      expect(type.meta()?.description ?? (type as { description?: string }).description, option).toMatch(/\w/)
    }
    expect(Object.keys(schema.shape)).toEqual(expect.arrayContaining([...secrets]))
  })

  it('refuses options that it does not know', async () => {
    const { schema } = await loadDriver(name)
    expect(schema.safeParse({ no_such_option: 1 }).error?.issues).toContainEqual(
      expect.objectContaining({ code: 'unrecognized_keys' }),
    )
  })
})

describe('a name of no driver', () => {
  it.each(['dockr', 'toString', ''])('is known as such: %j', name => {
    expect(isDriverName(name)).toBe(false)
  })
})
