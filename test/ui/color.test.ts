import { afterEach, describe, expect, it, vi } from 'vitest'
import { colorsFor } from '../../src/ui/color.ts'

const terminal = { isTTY: true }

describe('colorsFor', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('has colors in a pipe when they are forced, unless they are unwanted', () => {
    vi.stubEnv('NO_COLOR', '')
    vi.stubEnv('CI', 'true')
    vi.stubEnv('FORCE_COLOR', '1')
    expect(colorsFor({}).level).toBe(1)
    vi.stubEnv('NO_COLOR', '1')
    expect(colorsFor(terminal).level).toBe(0)
    vi.stubEnv('NO_COLOR', '')
    vi.stubEnv('FORCE_COLOR', '0')
    expect(colorsFor({}).level).toBe(0)
  })

  it('has no colours where there is no terminal', () => {
    vi.stubEnv('FORCE_COLOR', '')
    expect(colorsFor({}).level).toBe(0)
  })

  it.each([
    ['NO_COLOR', '1'],
    ['CI', 'true'],
    ['TERM', 'dumb'],
  ])('has none with %s=%s', (name, value) => {
    vi.stubEnv('NO_COLOR', '')
    vi.stubEnv('CI', '')
    vi.stubEnv('FORCE_COLOR', '')
    vi.stubEnv(name, value)
    expect(colorsFor(terminal).level).toBe(0)
  })
})
