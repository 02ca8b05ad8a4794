import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { plainName } from '../../src/config/plain-name.ts'

const line = fc.oneof(
  fc.constantFrom(
    'name: a',
    'name: swarm2k # mine',
    'name: 12',
    'name: true',
    'name: "a b"',
    'name:',
    'name: a b',
  ),
  fc.constantFrom(
    'docker:',
    '  size: 1gb',
    '  name: inner',
    '# name: c',
    '',
    'ssh: {',
    'key: >',
    '- name: x',
    '}',
  ),
  fc.constantFrom(
    '"name": q',
    'text: "open',
    'name: closed"',
    '--- ',
    '...',
    'name : spaced',
    'name: &a b',
    '\tname: t',
  ),
)

describe('a name read without the parser', () => {
  it('is always the one that the parser would find', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), lines => {
        const text = lines.join('\n')
        const name = plainName(text)
        if (name === undefined) return
        const data = parsed(text)
        if (data !== undefined) expect(data).toMatchObject({ name })
      }),
      { numRuns: 2_000 },
    )
  })

  it('is found in a config in the usual layout', () => {
    expect(plainName('# mine\nname: swarm2k # ours\n\ndocker:\n  size: 1gb\n')).toBe('swarm2k')
    expect(plainName('docker:\n  size: 1gb\n')).toBeUndefined()
    expect(plainName('name: true\n')).toBeUndefined()
  })
})

/** Undefined for what is no YAML: such a config is refused as soon as it is loaded. */
function parsed(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
