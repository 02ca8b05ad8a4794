import { describe, expect, it } from 'vitest'
import { COMMAND_RUN, isUsersOwn, type JournalEntry } from '../../src/domain/journal-entry.ts'

const entry = (belt: string, what = COMMAND_RUN) => ({ belt, what }) as JournalEntry

describe('a command of the user', () => {
  it.each([
    'belt exec node1 -- uptime',
    'belt --cluster a --json exec @all -- id',
    'belt ssh node1',
    'belt --timeout=5s ssh node1 ls',
  ])('%s is told from the changes that Belt makes', belt => expect(isUsersOwn(entry(belt))).toBe(true))

  it.each(['belt swarm drain exec', 'belt docker service rm exec', 'belt rm ssh'])('%s is a change', belt =>
    expect(isUsersOwn(entry(belt))).toBe(false),
  )

  it('is no step of Belt', () => {
    expect(isUsersOwn(entry('belt exec node1 -- uptime', 'Drain node1'))).toBe(false)
  })
})
