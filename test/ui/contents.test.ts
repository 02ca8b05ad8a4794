import { describe, expect, it } from 'vitest'
import { describeLeft, describeLost } from '../../src/ui/contents.ts'

const contents = { name: 'node1', containers: ['pg', 'cron'], volumes: ['pgdata'], unknown: undefined }
const unread = { name: 'node2', containers: [], volumes: [], unknown: 'connection refused' }

describe('what hosts have besides tasks', () => {
  it('is named before a drain, or said to be unknown', () => {
    expect(describeLeft([contents, unread])).toBe(
      'node1 keeps running what no service started: pg, cron\ncannot tell which containers and volumes node2 has: connection refused',
    )
  })

  it('is named before it is lost', () => {
    expect(describeLost([contents])).toBe(
      'lost with node1: containers that no service started (pg, cron), volumes (pgdata)',
    )
  })

  it('is shortened when it is much', () => {
    const volumes = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    expect(describeLost([{ ...contents, containers: [], volumes }])).toBe(
      'lost with node1: volumes (a, b, c, d, e and 2 more)',
    )
  })
})
