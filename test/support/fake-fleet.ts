import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/clock.ts'
import type { Machine } from '../../src/drivers/driver.ts'
import type { CreateJournal, Fleet, LockSettings, Remembered } from '../../src/operations/fleet.ts'
import { MachineList } from '../../src/operations/machine-list.ts'
import { silentProgress } from '../../src/progress.ts'
import type { FakeDriver } from './fake-driver.ts'
import type { FakeHost } from './fake-host.ts'

/** Something remembered for as long as a test lasts. */
export function remembered<T>(value?: T): Remembered<T> {
  let current = value
  return {
    get: async () => current,
    set: async next => {
      current = next
    },
    clear: async () => {
      current = undefined
    },
  }
}

/** A journal in memory, which knows creates by number. */
export function fakeJournal(): CreateJournal & {
  readonly entries: { id: string; names: readonly string[]; open: string[] }[]
} {
  const entries: { id: string; at: string; names: readonly string[]; open: string[] }[] = []
  return {
    entries,
    async begin(names) {
      const id = `create-${entries.length + 1}`
      entries.push({ id, at: new Date().toISOString(), names, open: [...names] })
      return id
    },
    async recordOutcome(names) {
      for (const entry of entries) entry.open = entry.open.filter(name => !names.includes(name))
    },
    read: async () => entries,
  }
}

/** A lock of somebody on a machine of their own; its file is one that no other test has. */
export function fakeLock(holder = 'alice@laptop', change: Partial<LockSettings> = {}): LockSettings {
  let current: string | undefined
  const file = join(tmpdir(), `belt-lock-${randomUUID()}`)
  return {
    holder,
    waitMs: 0,
    file,
    token: {
      get: () => current,
      set: token => {
        current = token
      },
    },
    ...change,
  }
}

/** A fleet whose machines are `driver`'s and whose hosts are looked up by name. */
export function fakeFleet(
  driver: FakeDriver,
  hosts: (name: string) => FakeHost,
  change: Partial<Fleet> = {},
): Fleet & { forgotten: string[] } {
  const forgotten: string[] = []
  return {
    cluster: 'prod',
    driver,
    machines: new MachineList(change.driver ?? driver),
    progress: silentProgress,
    clock: systemClock,
    signal: new AbortController().signal,
    concurrency: 128,
    connections: 1024,
    timeoutMs: 1000,
    swarm: {},
    declared: [],
    sysctl: {},
    defaultSize: '1gb',
    regions: [],
    creates: fakeJournal(),
    lock: fakeLock(),
    activeHost: remembered<string>(),
    lastFailures: remembered<readonly string[]>(),
    host: (machine: Machine) => hosts(machine.name),
    forgetHostKeys: async names => void forgotten.push(...names),
    forgotten,
    ...change,
  }
}
