import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver, Machine, Outcome } from '../../src/drivers/driver.ts'
import { BeltError, ExitCode } from '../../src/errors.ts'
import { silentProgress } from '../../src/progress.ts'

export interface DriverUnderTest {
  readonly driver: Driver
  /** The driver of another cluster, at the same vendor. */
  readonly neighbour: Driver
  /** Four names that the driver can make, or has, in natural order; nothing has them yet. */
  readonly names: readonly [string, string, string, string]
  /** A name that it cannot make. */
  readonly impossible: string
  /** The size of its machines (default: 256mb). */
  readonly size?: string
  dispose(): Promise<void>
}

/** What only a driver that makes machines can be asked. */
export interface MakerUnderTest extends DriverUnderTest {
  /** A driver whose vendor does not answer. */
  readonly unreachable: Driver
  /** Leaves behind what an interrupted `create` would. */
  leaveHalfMade(name: string): Promise<void>
}

const DEFAULT_SIZE = '256mb'

const namesOf = (results: readonly { readonly name: string }[]) => results.map(({ name }) => name)

function machinesOf(outcomes: readonly Outcome[]): Machine[] {
  return outcomes.map(outcome => {
    if (!outcome.ok) throw outcome.error
    return outcome.machine
  })
}

async function failureOf(promise: Promise<unknown>): Promise<BeltError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof BeltError) return error
  throw new Error(`expected a BeltError, got ${error}`)
}

/** What every driver promises, those included that only use machines. */
export function driverContract(name: string, setUp: () => Promise<DriverUnderTest>): void {
  describe(`${name} as a driver`, () => {
    let under: DriverUnderTest
    let driver: Driver
    const specsOf = (...names: string[]) => names.map(name => ({ name, size: under.size ?? DEFAULT_SIZE }))
    beforeAll(async () => {
      under = await setUp()
      driver = under.driver
    })
    afterAll(() => under?.dispose())

    it('can be validated', async () => {
      await expect(driver.validate()).resolves.toBeUndefined()
    })

    it('answers for every name, in the order of the names, and one failure stops no other', async () => {
      const [first, second] = under.names
      const outcomes = await driver.create(specsOf(second, under.impossible, first))
      expect(outcomes.map(({ name, ok }) => [name, ok])).toEqual([
        [second, true],
        [under.impossible, false],
        [first, true],
      ])
    })

    it('says why a machine cannot be had and what to do about it', async () => {
      const [outcome] = await driver.create(specsOf(under.impossible))
      expect(outcome).toMatchObject({
        ok: false,
        error: { code: expect.any(String), hint: expect.any(String) },
      })
    })

    it('answers once for a name that is asked for twice', async () => {
      const [first] = under.names
      expect(namesOf(await driver.create(specsOf(first, first)))).toEqual([first])
    })

    it('leaves a complete machine as it is', async () => {
      const before = machinesOf(await driver.create(specsOf(...under.names)))
      const again = await driver.create(specsOf(...under.names))
      expect(again.map(outcome => outcome.ok && outcome.changed)).toEqual([false, false, false, false])
      expect(machinesOf(again)).toEqual(before)
    })

    it('makes machines that say where SSH answers', async () => {
      const machines = machinesOf(await driver.create(specsOf(...under.names)))
      for (const machine of machines) {
        expect(machine).toMatchObject({ status: 'active', ssh: { user: expect.any(String) } })
        expect(machine.ssh?.port).toBeGreaterThan(0)
      }
      expect(new Set(machines.map(({ ssh }) => `${ssh?.address}:${ssh?.port}`)).size).toBe(4)
      expect(new Set(machines.map(({ id }) => id)).size).toBe(4)
    })

    it('lists what it made, by name', async () => {
      const made = machinesOf(await driver.create(specsOf(...under.names)))
      expect(await driver.list()).toEqual(made)
    })

    it('says how it ends the life of a machine', () => {
      expect(driver.destroyVerb).toMatch(/^\w/)
    })

    it('attempts nothing once it is aborted, and answers for every name still', async () => {
      const machines = await driver.list()
      const signal = AbortSignal.abort()
      const destroyed = await driver.destroy(machines, { signal })
      expect(namesOf(destroyed)).toEqual(namesOf(machines))
      const created = await driver.create(specsOf(...under.names), { signal })
      expect(namesOf(created)).toEqual([...under.names])
      for (const outcome of [...destroyed, ...created]) {
        expect(outcome).toMatchObject({
          ok: false,
          error: { code: 'interrupted', exitCode: ExitCode.interrupted },
        })
      }
      expect(await driver.list()).toEqual(machines)
    })

    it('tells of its progress', async () => {
      const told: string[] = []
      const task = { ...silentProgress.start(''), step: (detail?: string) => told.push(detail ?? '') }
      const start = (title: string) => {
        told.push(title)
        return task
      }
      const progress = { ...silentProgress, start }
      await driver.create(specsOf(under.names[0]), { progress })
      expect(told).toEqual([expect.stringMatching(/\w/), under.names[0]])
    })

    it('answers for every machine that is to go, and again when it is gone', async () => {
      const machines = await driver.list()
      for (let round = 0; round < 2; round++) {
        const outcomes = await driver.destroy(machines)
        expect(outcomes.map(({ name, ok }) => [name, ok])).toEqual(machines.map(({ name }) => [name, true]))
      }
    })

    it('has nothing to do for no machines', async () => {
      expect(await driver.create([])).toEqual([])
      expect(await driver.destroy([])).toEqual([])
    })
  })
}

/** What a driver promises beyond that, when it makes machines. */
export function makerContract(name: string, setUp: () => Promise<MakerUnderTest>): void {
  describe(`${name} as a maker of machines`, () => {
    let under: MakerUnderTest
    let driver: Driver
    const specsOf = (...names: string[]) => names.map(name => ({ name, size: under.size ?? DEFAULT_SIZE }))
    const create = async (...names: string[]) => machinesOf(await driver.create(specsOf(...names)))
    const find = async (name: string) => (await driver.list()).find(machine => machine.name === name)
    beforeAll(async () => {
      under = await setUp()
      driver = under.driver
    })
    afterAll(() => under?.dispose())

    it('starts with nothing', async () => {
      expect(await driver.list()).toEqual([])
    })

    it('says what it changed', async () => {
      const [first, second] = under.names
      await create(first)
      const outcomes = await driver.create(specsOf(first, second))
      expect(outcomes.map(outcome => outcome.ok && outcome.changed)).toEqual([false, true])
    })

    it('gives machines the memory and the addresses they need', async () => {
      const machines = await create(...under.names)
      const addresses = new Set(machines.map(machine => machine.privateAddress))
      expect(addresses.size).toBe(4)
      for (const address of addresses) expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
      for (const machine of machines) expect(machine.memoryMiB).toBeGreaterThan(0)
    })

    it('keeps clusters apart', async () => {
      const [machine] = await create(under.names[0])
      expect(await under.neighbour.list()).toEqual([])
      await under.neighbour.destroy([machine as Machine])
      expect(await find(under.names[0])).toEqual(machine)
    })

    it('stops and starts a machine, which keeps its identity and its addresses', async () => {
      const [machine] = (await create(under.names[1])) as [Machine]
      expect(machinesOf((await driver.shutdown?.([machine])) ?? [])).toMatchObject([{ status: 'off' }])
      expect(await find(machine.name)).toMatchObject({ id: machine.id, status: 'off' })
      expect(await driver.create(specsOf(machine.name))).toMatchObject([
        { ok: true, changed: false, machine: { status: 'off' } },
      ])
      const { id, privateAddress } = machine
      expect(await driver.start?.([machine])).toMatchObject([
        { ok: true, changed: true, machine: { id, privateAddress, status: 'active' } },
      ])
      expect(await driver.start?.([machine])).toMatchObject([{ ok: true, changed: false }])
      expect(await driver.reboot?.([machine])).toMatchObject([
        { ok: true, changed: true, machine: { id, privateAddress, status: 'active' } },
      ])
    })

    it('removes machines, and calls one that is gone already a success', async () => {
      const machines = await driver.list()
      const removed = await driver.destroy(machines)
      expect(removed.map(outcome => outcome.ok && outcome.changed)).toEqual(machines.map(() => true))
      expect(await driver.list()).toEqual([])
      const again = await driver.destroy(machines)
      expect(again.map(outcome => outcome.ok && outcome.changed)).toEqual(machines.map(() => false))
    })

    it('does not take a new machine for the old one of the same name', async () => {
      const [old] = (await create(under.names[0])) as [Machine]
      await driver.destroy([old])
      const [fresh] = (await create(under.names[0])) as [Machine]
      expect(fresh.id).not.toBe(old.id)
      await driver.destroy([old])
      expect(await find(under.names[0])).toEqual(fresh)
      await driver.destroy([fresh])
    })

    it('lists a half-made machine, completes it and removes it', async () => {
      const [first, second] = under.names
      await under.leaveHalfMade(first)
      await under.leaveHalfMade(second)
      expect((await driver.list()).map(({ name, status }) => [name, status])).toEqual([
        [first, 'new'],
        [second, 'new'],
      ])
      expect(await driver.create(specsOf(first))).toMatchObject([
        { ok: true, changed: true, machine: { status: 'active' } },
      ])
      await driver.destroy(await driver.list())
      expect(await driver.list()).toEqual([])
    })

    it('keeps what was made when it is interrupted in the middle', async () => {
      const interruption = new AbortController()
      const task = { ...silentProgress.start(''), step: () => interruption.abort() }
      const many = [
        ...under.names,
        ...under.names.map(other => `${other}x`),
        ...under.names.map(other => `${other}y`),
      ]
      const outcomes = await driver.create(specsOf(...many), {
        signal: interruption.signal,
        progress: { ...silentProgress, start: () => task },
      })
      expect(namesOf(outcomes)).toEqual(many)
      const made = namesOf(outcomes.filter(outcome => outcome.ok))
      expect(made.length).toBeGreaterThan(0)
      expect(made.length).toBeLessThan(many.length)
      const failures = outcomes.filter(outcome => !outcome.ok)
      for (const failure of failures) expect(failure).toMatchObject({ error: { code: 'interrupted' } })
      const listed = namesOf(await driver.list())
      for (const outcome of outcomes)
        expect(listed.includes(outcome.name)).toBe(outcome.machine !== undefined)
      await driver.destroy(await driver.list())
      expect(await driver.list()).toEqual([])
    })

    it('throws when the vendor cannot be read, and never calls that an empty cluster', async () => {
      const { unreachable } = under
      const attempts = [
        unreachable.validate(),
        unreachable.list(),
        unreachable.create(specsOf(under.names[0])),
      ]
      for (const error of await Promise.all(attempts.map(failureOf))) {
        expect(error).toMatchObject({ exitCode: ExitCode.precheck, hint: expect.any(String) })
      }
    })
  })
}
