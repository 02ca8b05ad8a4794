import { describe, expect, it } from 'vitest'
import { BeltError } from '../../src/errors.ts'
import type { Answer } from '../../src/hosts/fan-out.ts'
import type { Exit } from '../../src/hosts/host.ts'
import { failureLines } from '../../src/ui/failure-lines.ts'

const ended = (host: string, code: number): Answer<Exit> => ({
  host,
  ok: true,
  value: { code },
  durationMs: 1,
})

describe('failureLines', () => {
  it('is empty when every host succeeded', () => {
    expect(failureLines([ended('node1', 0), ended('node2', 0)])).toBe('')
  })

  it('gives each failure its reason, and names them folded in the last line', () => {
    const lost: Answer<Exit> = {
      host: 'node17',
      ok: false,
      error: new BeltError('host-refused', 'node17: connection refused'),
      durationMs: 1,
    }
    expect(failureLines([ended('node1', 0), ended('node3', 2), lost])).toBe(
      'node3: exit code 2\nnode17: connection refused\nfailed on 2 of 3: node[3,17]\n',
    )
  })
})
