import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import { clockAt } from '../src/clock.ts'
import { Ec2Driver } from '../src/drivers/ec2/driver.ts'
import { ec2Options } from '../src/drivers/ec2/options.ts'
import type { Tally } from '../test/support/ec2/emulator.ts'
import { environmentOf, PUBLIC_KEY, REGION } from '../test/support/ec2/subject.ts'
import type { Row } from './row.ts'

const EMULATOR = fileURLToPath(new URL('../test/support/ec2/main.ts', import.meta.url))

/** Both the emulator and Belt run in a time that is so much faster, the pauses before a retry excepted. */
const SPEED = 10
const COUNT = 1000

interface Run {
  readonly created: Tally
  /** In seconds of the emulator's time. */
  readonly seconds: number
  readonly made: number
  readonly listingsAPoll: number
  /** After one call has ended them all. */
  readonly destroyed: Tally
}

/** What a thousand instances take, with the emulator in a process of its own. */
export async function ec2Rows(): Promise<Row[]> {
  const plain = await run({ bootMs: 20_000, bootStepMs: 100, lagMs: 3_000 })
  const seed = Math.floor(Math.random() * 2 ** 31)
  const chaos = await run({ bootMs: 20_000, lagMs: 3_000, faultRate: 1 / 3, seed })
  return [
    row('1,000 instances: RunInstances calls', '<= 10', plain.created.launches),
    row('1,000 instances: calls refused by a throttle', '0', plain.created.throttled),
    row('1,000 instances: list calls a poll', '<= 5', plain.listingsAPoll),
    row('1,000 instances: calls in all', '', `${plain.created.calls} in ${seconds(plain)}`),
    row('1,000 instances: left after belt rm', '0', plain.destroyed.instances),
    row(`a third of all calls fail (seed ${seed})`, '1,000 there, none twice', there(chaos)),
    row('a third of all calls fail: calls in all', '', `${chaos.created.calls} in ${seconds(chaos)}`),
  ]
}

async function run(settings: Record<string, unknown>): Promise<Run> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', EMULATOR, JSON.stringify({ speed: SPEED, ...settings })],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => String((await lines.next()).value)
  const tally = async (): Promise<Tally> => {
    child.stdin.write('\n')
    return JSON.parse(await line())
  }
  try {
    Object.assign(process.env, environmentOf(await line()))
    const context = { cluster: 'bench', publicKeys: async () => [PUBLIC_KEY] }
    const driver = new Ec2Driver(ec2Options.parse({ region: REGION }), context, clockAt(SPEED))
    const specs = Array.from({ length: COUNT }, (_, i) => ({ name: `node${i}`, size: '512mb' }))
    const start = performance.now()
    const outcomes = await driver.create(specs, { operation: 'bench' })
    const seconds = ((performance.now() - start) / 1000) * SPEED
    const created = await tally()
    const machines = await driver.list()
    const listingsAPoll = (await tally()).listings - created.listings
    await driver.destroy(machines)
    const made = outcomes.filter(({ ok }) => ok).length
    return { created, seconds, made, listingsAPoll, destroyed: await tally() }
  } finally {
    child.stdin.end()
    await once(child, 'exit')
  }
}

function there({ created, made }: Run): string {
  return `${created.instances} there, ${created.distinctNames} names, ${made} reported`
}

function seconds(run: Run): string {
  return `${Math.round(run.seconds)} s`
}

function row(figure: string, goal: string, measured: string | number): Row {
  return { figure: `ec2, ${figure}`, goal, measured: String(measured) }
}
