import { expect, it } from 'vitest'
import { unfinishedCreatesNote } from '../../src/ui/unfinished-creates.ts'

it('names the machines of unfinished creates, those that are missing, and what to do', () => {
  expect(unfinishedCreatesNote({ existing: ['node1'], missing: ['node2', 'node3'] })).toMatch(
    /node1, node2, node3.*no machine for node2, node3.*belt create.*belt rm/,
  )
})

it('says nothing if all creates were finished', () => {
  expect(unfinishedCreatesNote({ existing: [], missing: [] })).toBeUndefined()
})
