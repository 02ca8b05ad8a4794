import { describe, expect, it } from 'vitest'
import { parseHostFacts } from '../../src/remote/host-facts.ts'

const PRINTED = 'clock 1764000000123\nboot abc-42\nlive-restore false\nfree 2048000\n'

describe('the facts of a host', () => {
  it('are read', () => {
    expect(parseHostFacts(PRINTED)).toEqual({
      clockMs: 1764000000123,
      freeMiB: 2000,
      liveRestore: false,
      boot: 'abc-42',
    })
  })

  it('are not guessed when one is missing', () => {
    expect(() => parseHostFacts(PRINTED.replace('free', 'full'))).toThrow('it does not tell its free')
  })
})
