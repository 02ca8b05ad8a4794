import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import { clockAt } from '../src/clock.ts'
import { DigitalOceanDriver } from '../src/drivers/digitalocean/driver.ts'
import { digitaloceanOptions } from '../src/drivers/digitalocean/options.ts'
import type { Tally } from '../test/support/digitalocean/emulator.ts'
import { PUBLIC_KEY } from '../test/support/digitalocean/subject.ts'
import type { Row } from './row.ts'

const EMULATOR = fileURLToPath(new URL('../test/support/digitalocean/main.ts', import.meta.url))

/** Both the emulator and Belt run in a time that is so much faster; its minutes are what is counted. */
const SPEED = 10
const TOKEN = 'dop_v1_bench'
const LIMIT_PER_MINUTE = 250

interface Run {
  readonly tally: Tally
  /** In seconds of the emulator's time. */
  readonly seconds: number
  readonly made: number
  readonly rssMiB: number
}

/** What a thousand droplets take, with the emulator in a process of its own. */
export async function digitaloceanRows(): Promise<Row[]> {
  const plain = await run(1000, { bootMs: 20_000, listLagMs: 3000 })
  const atOnce = await run(1000, { bootMs: 0 })
  const many = await run(3000, { bootMs: 0 })
  const seed = Math.floor(Math.random() * 2 ** 31)
  const chaos = await run(1000, { bootMs: 20_000, listLagMs: 3000, faultRate: 1 / 3, seed })
  return [
    row('1,000 droplets: create calls', '<= 100', plain.tally.creates),
    row('1,000 droplets: most requests in a minute', '<= 250', plain.tally.mostInAMinute),
    row('1,000 droplets: list calls a poll', '<= 5', await listCallsAPoll()),
    row('1,000 droplets: refused for their number', '0', plain.tally.throttled),
    row('1,000 droplets: memory', '< 150 MB', `${plain.rssMiB} MB`),
    row('1,000 droplets that come up in 20 to 80 s', 'active', `${plain.made} in ${seconds(plain)}`),
    withinLimit('1,000 droplets that come up at once: time', atOnce),
    withinLimit('3,000 droplets that come up at once: time', many),
    row('3,000 droplets: most requests in a minute', '<= 250', many.tally.mostInAMinute),
    row(`a third of all calls fail (seed ${seed})`, '1,000 there, none twice', there(chaos)),
    row('a third of all calls fail: requests', '', `${chaos.tally.requests} in ${seconds(chaos)}`),
  ]
}

async function run(count: number, settings: Record<string, unknown>): Promise<Run> {
  return await withEmulator(settings, async (driver, tally) => {
    const specs = Array.from({ length: count }, (_, i) => ({ name: `node${i}`, size: '512mb' }))
    const start = performance.now()
    const outcomes = await driver.create(specs, { operation: 'bench' })
    const seconds = ((performance.now() - start) / 1000) * SPEED
    const rssMiB = Math.round(process.memoryUsage().rss / 2 ** 20)
    return { tally: await tally(), seconds, made: outcomes.filter(({ ok }) => ok).length, rssMiB }
  })
}

async function listCallsAPoll(): Promise<number> {
  return await withEmulator({ bootMs: 0 }, async (driver, tally) => {
    const specs = Array.from({ length: 1000 }, (_, i) => ({ name: `node${i}`, size: '512mb' }))
    await driver.create(specs)
    const before = (await tally()).lists
    await driver.list()
    return (await tally()).lists - before
  })
}

async function withEmulator<T>(
  settings: Record<string, unknown>,
  use: (driver: DigitalOceanDriver, tally: () => Promise<Tally>) => Promise<T>,
): Promise<T> {
  const argument = JSON.stringify({ speed: SPEED, token: TOKEN, check: false, ...settings })
  const child = spawn(process.execPath, ['--import', 'tsx', EMULATOR, argument], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => String((await lines.next()).value)
  try {
    const options = digitaloceanOptions.parse({ api_url: await line(), access_token: TOKEN, region: 'sgp1' })
    const context = { cluster: 'bench', publicKeys: async () => [PUBLIC_KEY] }
    const driver = new DigitalOceanDriver(options, context, clockAt(SPEED))
    return await use(driver, async () => {
      child.stdin.write('\n')
      return JSON.parse(await line())
    })
  } finally {
    child.stdin.end()
    await once(child, 'exit')
  }
}

function withinLimit(figure: string, { tally, seconds }: Run): Row {
  const allowed = (tally.requests / LIMIT_PER_MINUTE) * 60
  const goal = `<= ${Math.round(allowed * 1.3)} s (1.3 x ${tally.requests} requests at ${LIMIT_PER_MINUTE}/min)`
  return row(figure, goal, `${Math.round(seconds)} s`)
}

function there({ tally, made }: Run): string {
  return `${tally.droplets} there, ${tally.distinctNames} names, ${made} reported`
}

function seconds(run: Run): string {
  return `${Math.round(run.seconds)} s`
}

function row(figure: string, goal: string, measured: string | number): Row {
  return { figure: `digitalocean, ${figure}`, goal, measured: String(measured) }
}
