import { describe, expect, it } from 'vitest'
import { defaultMaxOutput, outputMode } from '../../../src/cli/run/output-mode.ts'

const flags = { gather: false, stream: false, ndjson: false, stdin: false }
const at = (hosts: number, isTerminal = false) => ({ json: false, hosts, isTerminal })

describe('outputMode', () => {
  it.each([
    [1, true, undefined],
    [1, false, undefined],
    [2, true, 'stream'],
    [10, true, 'stream'],
    [11, true, 'gather'],
    [500, false, 'stream'],
  ])('is by default, for %d hosts (on a terminal: %s): %s', (hosts, isTerminal, mode) => {
    expect(outputMode(flags, at(hosts, isTerminal))).toBe(mode)
  })

  it.each(['gather', 'stream', 'ndjson'] as const)('is %s if that flag is given, also for one host', mode => {
    expect(outputMode({ ...flags, [mode]: true }, at(1, true))).toBe(mode)
  })

  it('is one document with --json', () => {
    expect(outputMode(flags, { ...at(1), json: true })).toBe('json')
  })
})

describe('defaultMaxOutput', () => {
  it('is 1 MiB, or less if the outputs of all hosts would fill the memory', () => {
    expect(defaultMaxOutput(1)).toBe(1024 ** 2)
    expect(defaultMaxOutput(64)).toBe(1024 ** 2)
    expect(defaultMaxOutput(1000) * 2 * 1000).toBeLessThanOrEqual(128 * 1024 ** 2)
  })
})
