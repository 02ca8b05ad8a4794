import { describe, expect, it } from 'vitest'
import { ConnectionBudget } from '../../../src/hosts/ssh/connection-budget.ts'

class Subject {
  closed = 0
  close(): void {
    this.closed++
  }
}

describe('the connection budget', () => {
  const subjects = (count: number) => Array.from({ length: count }, () => new Subject())
  const open = (hosts: readonly Subject[]) => hosts.filter(({ closed }) => closed === 0).length

  it('closes the connections that were idle longest once the limit is exceeded', () => {
    const budget = new ConnectionBudget(() => 400)
    const hosts = subjects(500)
    for (const host of hosts) {
      budget.use(host)
      budget.release(host)
    }
    expect(open(hosts)).toBe(400)
    expect(hosts.slice(0, 100).every(({ closed }) => closed === 1)).toBe(true)
  })

  it('closes no connection that is in use', () => {
    const budget = new ConnectionBudget(() => 400)
    const [busy, idle] = [subjects(400), subjects(3)]
    for (const host of busy) budget.use(host)
    for (const host of idle) {
      budget.use(host)
      budget.release(host)
    }
    expect(open(busy)).toBe(400)
    expect(open(idle)).toBe(1)
  })

  it('treats a host that is used again as recently used', () => {
    const budget = new ConnectionBudget(() => 400)
    const hosts = subjects(401)
    const [first, second] = hosts as [Subject, Subject]
    for (const host of [...hosts.slice(0, 400), first, ...hosts.slice(400)]) {
      budget.use(host)
      budget.release(host)
    }
    expect([first.closed, second.closed]).toEqual([0, 1])
  })

  it('looks the limit up only if it could matter', () => {
    const budget = new ConnectionBudget(() => expect.unreachable())
    for (const host of subjects(32)) budget.use(host)
  })
})
