import { describe, expect, it } from 'vitest'
import { HostError } from '../../src/hosts/errors.ts'
import { copiesLine, copyDocument } from '../../src/ui/copies.ts'

const copied = (host: string, path: string, bytes: number) => ({
  host,
  ok: true as const,
  value: { path, bytes },
  durationMs: 12.3,
})
const refused = {
  host: 'node9',
  ok: false as const,
  error: new HostError('refused', 'node9', 'node9 refuses'),
  durationMs: 1,
}

describe('copiesLine', () => {
  it('names the hosts, folded, and how much was copied', () => {
    const answers = [copied('node1', 'logs/node1-x', 1024), refused, copied('node2', 'logs/node2-x', 2048)]
    expect(copiesLine(answers, 'logs')).toBe('node[1:2]: logs (2 files, 3kb)\n')
    expect(copiesLine([copied('node1', 'logs/node1-x', 5)], 'logs')).toBe(
      'node1: logs/node1-x (1 file, 5b)\n',
    )
  })

  it('says nothing when nothing was copied', () => {
    expect(copiesLine([refused], 'logs')).toBe('')
  })
})

describe('copyDocument', () => {
  it('has one entry for each host, with its error', () => {
    expect(copyDocument([copied('node1', '/x', 5), refused])).toEqual({
      hosts: [
        { host: 'node1', path: '/x', bytes: 5, durationMs: 12 },
        {
          host: 'node9',
          durationMs: 1,
          error: { code: 'host-refused', message: 'node9 refuses', host: 'node9' },
        },
      ],
      failed: ['node9'],
    })
  })
})
