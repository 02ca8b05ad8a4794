import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { lockSettings } from '../../src/cli/lock-settings.ts'

describe('lockSettings', () => {
  it.each([
    [{}, ''],
    [{ CI: 'true' }, ' (ci)'],
    [{ CI: 'true', GITHUB_RUN_NUMBER: '4211' }, ' (ci#4211)'],
    [{ CI_PIPELINE_ID: '7' }, ' (ci#7)'],
  ])('names user, machine and run with %j', (environment, run) => {
    const { holder } = lockSettings('/lock', 0, environment)
    expect(holder).toMatch(/^[^@]+@/)
    expect(holder.endsWith(`@${hostname()}${run}`)).toBe(true)
  })

  it('hands the lock on in the environment', () => {
    const environment: NodeJS.ProcessEnv = {}
    const { token } = lockSettings('/lock', 0, environment)
    token.set('b7')
    expect(environment.BELT_LOCK).toBe('b7')
    expect(token.get()).toBe('b7')
    token.set(undefined)
    expect(environment).toEqual({})
  })
})
