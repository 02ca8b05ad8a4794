import fc from 'fast-check'
import { BeltError } from '../../src/errors.ts'
import type { Host, Result, RunOptions } from '../../src/hosts/host.ts'
import { swarmStatus } from '../../src/operations/swarm/status.ts'
import type { Command } from '../../src/remote/command.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { fakeFleet } from '../support/fake-fleet.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'
import { FlyingClock } from '../support/flying-clock.ts'
import type { Attack } from './attack.ts'

const CASES = 300
const NAMES = ['mg0', 'mg1', 'mg2', 'node1']
/** Words of the language Belt is written in, which no user should read. */
const INTERNALS = /is not a function|is not iterable|Cannot read propert|undefined|\[object |NaN/

/** Puts `value` in the place of the `at`-th value of a JSON document. */
function corrupt(document: unknown, at: number, value: unknown): unknown {
  let index = 0
  return visit(document)

  function visit(node: unknown): unknown {
    if (index++ === at) return value
    if (Array.isArray(node)) return node.map(visit)
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, visit(inner)]))
  }
}

/** Engines that answer with the wrong thing in some place: a status is right, unknown, or refused with a reason. */
export function answerAttacks(seed: number): Attack[] {
  return [
    {
      title: 'a value of the wrong type somewhere in an answer',
      cases: CASES,
      run: () =>
        fc.assert(
          fc.asyncProperty(
            fc.nat(60),
            fc.constantFrom('mg0', 'mg1', 'node1'),
            fc.oneof(fc.constantFrom(null, true, -1, 1e308, '', [], {}, [[]]), fc.string(), fc.jsonValue()),
            async (at, liar, value) => {
              const status = await statusWith(liar, answer => corrupt(answer, at, value))
              if (typeof status === 'string' && INTERNALS.test(status)) throw new Error(status)
            },
          ),
          { seed, numRuns: CASES },
        ),
    },
  ]
}

/** The status of a healthy swarm of which one engine's answers are changed: as JSON, or the message of the failure. */
async function statusWith(liar: string, change: (answer: unknown) => unknown): Promise<string> {
  const driver = new FakeDriver('prod').with(...NAMES)
  const swarm = new FakeSwarm()
  for (const machine of await driver.list())
    swarm.enrol(machine.name, machine.name.startsWith('mg') ? 'manager' : 'worker', {
      address: machine.privateAddress ?? '',
    })
  const lying = (name: string): Host => {
    const host = swarm.host(name)
    if (name !== liar) return host
    const run = async (command: Command, options?: RunOptions): Promise<Result> => {
      const result = await host.run(command, options)
      return command.engine ? { ...result, stdout: changed(result.stdout, change) } : result
    }
    return {
      name,
      run,
      stream: (line, streams, options) => host.stream(line, streams, options),
      shell: (streams, options) => host.shell(streams, options),
      upload: (content, path, mode) => host.upload(content, path, mode),
      assertMay: need => host.assertMay(need),
      close: () => host.close(),
    }
  }
  const fleet = fakeFleet(driver, name => swarm.host(name), {
    clock: new FlyingClock(),
    host: ({ name }) => lying(name),
  })
  try {
    return JSON.stringify(await swarmStatus(fleet))
  } catch (error) {
    if (error instanceof BeltError) return error.message
    throw error
  }
}

/** Changes the body of an HTTP response, whose length the header tells. */
function changed(response: string, change: (answer: unknown) => unknown): string {
  const [head = '', body = ''] = response.split('\r\n\r\n')
  if (!body) return response
  const text = JSON.stringify(change(JSON.parse(body))) ?? ''
  return `${head.replace(/content-length: \d+/i, `Content-Length: ${Buffer.byteLength(text)}`)}\r\n\r\n${text}`
}
