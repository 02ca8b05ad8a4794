import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, clockAt } from '../../../src/clock.ts'
import { type Backing, MemoryBacking } from '../backing.ts'
import type { Context, Handler } from './context.ts'
import { type Doors, PaintedDoors } from './doors.ts'
import { Faults, internalError, refuseBefore } from './faults.ts'
import { hostNameOf } from './instance.ts'
import { RunInstances } from './launching.ts'
import { Life } from './life.ts'
import * as powering from './powering.ts'
import { parseQuery, type QueryStructure, text, texts } from './query.ts'
import { Refusal } from './refusal.ts'
import { Region } from './region.ts'
import * as surroundings from './surroundings.ts'
import { Throttle } from './throttle.ts'
import { answerXml, errorXml } from './xml.ts'

const HANDLERS: Record<string, Handler> = { RunInstances, ...powering, ...surroundings }

export interface EmulatorOptions {
  /** How many of its seconds pass in one. */
  speed?: number
  /** What runs the instances that share these security groups; addresses and nothing else, unless told. */
  backingFor?: (groups: string) => Backing
  doors?: Doors
  bootMs?: number
  bootStepMs?: number
  stopMs?: number
  lagMs?: number
  instanceLimit?: number
  doomed?: readonly string[]
}

/** What an emulator counted. */
export interface Tally {
  readonly calls: number
  readonly launches: number
  readonly listings: number
  /** Calls refused because they came too fast, those that a test ordered included. */
  readonly throttled: number
  /** Instances that have not ended, and the names they have. */
  readonly instances: number
  readonly distinctNames: number
}

/** One call, as it was answered. */
export interface Call {
  readonly action: string
  readonly region: string
  readonly query: QueryStructure
  /** On the emulator's clock. */
  readonly at: number
  /** The code of a refusal; `cut` for a broken connection. */
  readonly refused?: string
}

/**
 * An EC2 that keeps state and speaks the query protocol, as far as Belt uses it. Regions are told apart by what a
 * request is signed for; signatures are not checked.
 */
export class Ec2Emulator {
  readonly faults = new Faults()
  readonly calls: Call[] = []
  readonly clock: Clock
  readonly #regions = new Map<string, Region>()
  readonly #throttle: Throttle
  readonly #server: Server
  readonly #life: Life
  readonly #limits: Pick<Context, 'lagMs' | 'instanceLimit'>
  #ids = 0

  private constructor(options: EmulatorOptions) {
    this.clock = clockAt(options.speed ?? 1)
    this.#throttle = new Throttle(this.clock)
    const memory = new MemoryBacking()
    this.#limits = {
      lagMs: options.lagMs ?? 0,
      instanceLimit: options.instanceLimit ?? Number.POSITIVE_INFINITY,
    }
    this.#life = new Life({
      clock: this.clock,
      backingFor: options.backingFor ?? (() => memory),
      doors: options.doors ?? new PaintedDoors(),
      bootMs: options.bootMs ?? 5_000,
      bootStepMs: options.bootStepMs ?? 0,
      stopMs: options.stopMs ?? 3_000,
      doomed: new Set(options.doomed),
      keyOf: ({ keyName = '' }) =>
        [...this.#regions.values()].flatMap(({ keyPairs }) => keyPairs.get(keyName)?.publicKey ?? [])[0],
    })
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.keepAliveTimeout = 60_000
  }

  /** Listens on a free port of the loopback. */
  static async start(options: EmulatorOptions = {}): Promise<Ec2Emulator> {
    const emulator = new Ec2Emulator(options)
    await new Promise<void>(resolve => emulator.#server.listen(0, '127.0.0.1', resolve))
    return emulator
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  region(name: string): Region {
    const region = this.#regions.get(name) ?? new Region(name)
    this.#regions.set(name, region)
    return region
  }

  tally(): Tally {
    const count = (matches: (call: Call) => boolean) => this.calls.filter(matches).length
    const instances = [...this.#regions.values()].flatMap(region => [...region.instances.values()])
    const alive = instances.filter(({ state }) => state !== 'terminated')
    return {
      calls: this.calls.length,
      launches: count(({ action }) => action === 'RunInstances'),
      listings: count(({ action }) => action === 'DescribeInstances'),
      throttled: count(({ refused }) => refused === 'RequestLimitExceeded'),
      instances: alive.length,
      distinctNames: new Set(alive.map(hostNameOf)).size,
    }
  }

  /** Ends it, with the machines that back its instances. */
  async stop(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await this.#life.close()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const query = parseQuery(await bodyOf(request))
    const action = text(query, 'Action') ?? ''
    const region = regionOf(request)
    const requestId = randomUUID()
    const fault = this.faults.deadRegions.has(region) ? 'cut' : this.faults.for(action)
    const record = (refused?: string) =>
      this.calls.push({
        action,
        region,
        query,
        at: this.clock.now(),
        ...(refused !== undefined && { refused }),
      })
    if (fault === 'cut') {
      record('cut')
      return void request.socket.destroy()
    }
    try {
      this.#throttle.admit(region, action, instancesIn(query))
      refuseBefore(fault)
      const answer = answerXml(action, requestId, this.#handle(action, query, region))
      if (fault === 'error-after') throw internalError()
      record(fault === 'cut-after' ? 'cut' : undefined)
      if (fault === 'cut-after') return void request.socket.destroy()
      response.writeHead(200, { 'content-type': 'text/xml;charset=UTF-8' }).end(answer)
    } catch (error) {
      const { code, message, status } = error instanceof Refusal ? error : broken(error)
      record(code)
      response.writeHead(status, { 'content-type': 'text/xml;charset=UTF-8' })
      response.end(errorXml(requestId, code, message))
    }
  }

  #handle(action: string, query: QueryStructure, regionName: string) {
    const handler = HANDLERS[action]
    if (!handler)
      throw new Refusal('InvalidAction', `The action ${action} is not valid for this web service.`)
    return handler(query, {
      region: this.region(regionName),
      life: this.#life,
      clock: this.clock,
      ...this.#limits,
      newId: prefix => {
        this.#ids += 1
        return `${prefix}-${this.#ids.toString(16).padStart(17, '0')}`
      },
    })
  }
}

function instancesIn(query: QueryStructure): number {
  return Number(text(query, 'MaxCount') ?? texts(query, 'InstanceId').length)
}

/** `AWS4-HMAC-SHA256 Credential=KEY/20261121/us-west-1/ec2/aws4_request, …` */
function regionOf(request: IncomingMessage): string {
  const [, region] = /Credential=[^/]+\/\d+\/([^/]+)\/ec2\//.exec(request.headers.authorization ?? '') ?? []
  return region ?? 'us-east-1'
}

function broken(error: unknown): Refusal {
  return new Refusal(
    'InternalFailure',
    `The emulator is broken: ${error instanceof Error ? error.stack : error}`,
    500,
  )
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
