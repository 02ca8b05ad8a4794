import { afterEach, describe, expect, it, vi } from 'vitest'
import { colorsFor } from '../../src/ui/color.ts'

const terminal = { isTTY: true }

describe('colorsFor', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('has no colours where there is no terminal', () => {
    expect(colorsFor({}).level).toBe(0)
  })

  it.each([
    ['NO_COLOR', '1'],
    ['CI', 'true'],
    ['TERM', 'dumb'],
  ])('has none with %s=%s', (name, value) => {
    vi.stubEnv('NO_COLOR', '')
    vi.stubEnv('CI', '')
    vi.stubEnv(name, value)
    expect(colorsFor(terminal).level).toBe(0)
  })
})
