import { describe, expect, it } from 'vitest'
import type { JournalEntry } from '../../src/domain/journal-entry.ts'
import { journalTable } from '../../src/ui/journal.ts'

const change: JournalEntry = {
  run: 'r1',
  id: 1,
  at: new Date(2026, 2, 1, 8, 5, 9).toISOString(),
  by: 'alice@laptop',
  belt: 'belt swarm drain node1',
  host: 'mg0',
  what: 'Set node1 to drain',
  before: 'active',
  after: 'drain',
  command: 'docker node update --availability drain n1',
  result: 'ok',
}

describe('the table of changes', () => {
  it('says when, who, where, what and how it ended, in local time', () => {
    expect(journalTable([change])).toBe(
      [
        'TIME                 BY            COMMAND                 HOST  CHANGE                                RESULT',
        '2026-03-01 08:05:09  alice@laptop  belt swarm drain node1  mg0   Set node1 to drain (active -> drain)  ok',
        '',
      ].join('\n'),
    )
  })

  it('says of a failure what was said last', () => {
    const { after, ...rest } = change
    const failed: JournalEntry = { ...rest, result: 'failed', error: 'a warning\nError: no leader' }
    expect(journalTable([failed])).toContain('Set node1 to drain (active)  failed: Error: no leader\n')
  })

  it('keeps each change on a line of reasonable length', () => {
    const belt = `belt exec node1 --shell 'one\n${'x'.repeat(200)}'`
    const lines = journalTable([{ ...change, belt }]).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]?.length).toBeLessThan(200)
  })
})
