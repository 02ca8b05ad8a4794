import { describe, expect, it } from 'vitest'
import type { BeltError } from '../../src/errors.ts'
import { HostError } from '../../src/hosts/errors.ts'
import type { Answer } from '../../src/hosts/fan-out.ts'
import type { Exit } from '../../src/hosts/host.ts'
import { runSummary } from '../../src/ui/run-summary.ts'

const ended = (host: string, code: number, durationMs = 100): Answer<Exit> => ({
  host,
  ok: true,
  value: { code },
  durationMs,
})
const lost = (error: BeltError): Answer<Exit> => ({
  host: error.host ?? '',
  ok: false,
  error,
  durationMs: 10_000,
})

describe('runSummary', () => {
  it('counts, and names the slowest', () => {
    const answers = [
      ended('node1', 0, 50),
      ended('node2', 0, 2140),
      ended('node3', 0, 900),
      ended('node4', 0, 1000),
    ]
    expect(runSummary(answers, 2300)).toBe(
      '4 of 4 succeeded in 2.3 s; slowest: node2 2.1 s, node4 1.0 s, node3 0.9 s\n',
    )
  })

  it('groups failures by their cause, the most frequent first, and names all of them in the last line', () => {
    const refused = (host: string) =>
      new HostError('refused', host, `cannot reach ${host}: connection refused`, { hint: 'is sshd running?' })
    const answers = [
      ended('node1', 0),
      ended('node2', 2),
      lost(refused('node3')),
      lost(refused('node4')),
      lost(new HostError('host-key', 'node5', 'the key of node5 has changed')),
      ended('node6', 7),
    ]
    expect(runSummary(answers, 10_400).split('\n').slice(1)).toEqual([
      'refused (2): node[3:4]',
      '  cannot reach node3: connection refused',
      '  is sshd running?',
      'exit code 2 (1): node2',
      'host key (1): node5',
      '  the key of node5 has changed',
      'exit code 7 (1): node6',
      'failed on 5 of 6: node[2:6]',
      '',
    ])
  })

  it('tells a signal from an exit code', () => {
    const killed = { ...ended('node1', 137), value: { code: 137, signal: 'KILL' } }
    expect(runSummary([killed], 100)).toContain('ended by KILL (1): node1\nfailed on 1 of 1: node1\n')
  })
})
