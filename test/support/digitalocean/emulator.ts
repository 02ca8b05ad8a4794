import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Clock, clockAt } from '../../../src/clock.ts'
import { type Backing, MemoryBacking } from '../backing.ts'
import { Cloud } from './cloud.ts'
import { type FaultKind, Faults } from './faults.ts'
import { RateLimit } from './rate-limit.ts'
import { Refusal } from './refusal.ts'
import { answer, type Call, type Reply } from './routes.ts'
import { Specification } from './specification.ts'

const MINUTE_MS = 60_000

const TOO_MANY = { status: 429, body: { id: 'too_many_requests', message: 'API Rate limit exceeded.' } }
const FAILED = {
  status: 500,
  body: { id: 'server_error', message: 'Server was unable to give you a response.' },
}

export interface EmulatorOptions {
  clock?: Clock
  backing?: Backing
  token?: string
  port?: number
  dropletLimit?: number
  perMinute?: number
  bootMs?: number
  actionMs?: number
  /** Whether each request and answer is held to the vendor's document, where that is there. */
  check?: boolean
}

/** What was asked of the emulator, and what is there because of it. */
export interface Tally {
  readonly requests: number
  readonly creates: number
  readonly lists: number
  /** Requests that were refused because there were too many. */
  readonly throttled: number
  /** The most requests in any minute. */
  readonly mostInAMinute: number
  readonly droplets: number
  readonly distinctNames: number
  readonly violations: readonly string[]
}

interface Logged {
  /** Such as `POST /v2/droplets`. */
  readonly request: string
  readonly at: number
  readonly body: unknown
}

/** DigitalOcean's API on loopback, as documented and as it behaves. */
export class DigitalOceanEmulator {
  readonly faults = new Faults()
  readonly cloud: Cloud
  readonly backing: Backing
  readonly token: string
  /** Every request that came in. */
  readonly log: Logged[] = []
  /** Where requests or answers were not as documented. */
  readonly violations: string[] = []
  #throttled = 0
  readonly #clock: Clock
  readonly #server: Server
  readonly #minute: RateLimit
  readonly #hour = new RateLimit(5000, 60 * MINUTE_MS)
  readonly #keys = new RateLimit(10, MINUTE_MS)
  readonly #specification: Specification | undefined

  private constructor(options: EmulatorOptions) {
    this.#clock = options.clock ?? clockAt(1)
    this.backing = options.backing ?? new MemoryBacking()
    this.token = options.token ?? `dop_v1_${Math.random().toString(16).slice(2)}`
    this.#minute = new RateLimit(options.perMinute ?? 250, MINUTE_MS)
    this.#specification = options.check === false ? undefined : Specification.find()
    this.cloud = new Cloud({
      clock: this.#clock,
      backing: this.backing,
      faults: this.faults,
      dropletLimit: options.dropletLimit ?? 10_000,
      bootMs: options.bootMs ?? 2000,
      actionMs: options.actionMs ?? 1000,
      onFailure: error => this.violations.push(`the backing failed: ${error}`),
    })
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(error => {
        this.violations.push(`the emulator failed: ${error}`)
        response.destroy()
      })
    })
  }

  static async start(options: EmulatorOptions = {}): Promise<DigitalOceanEmulator> {
    const emulator = new DigitalOceanEmulator(options)
    await new Promise<void>(resolve => emulator.#server.listen(options.port ?? 0, '127.0.0.1', resolve))
    return emulator
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
    await this.backing.close()
  }

  requests(pattern: RegExp): Logged[] {
    return this.log.filter(({ request }) => pattern.test(request))
  }

  tally(): Tally {
    const names = this.cloud.all().map(droplet => droplet.name)
    return {
      requests: this.log.length,
      creates: this.requests(/^POST .v2.droplets$/).length,
      lists: this.requests(/^GET .v2.droplets$/).length,
      throttled: this.#throttled,
      mostInAMinute: this.#mostInAMinute(),
      droplets: names.length,
      distinctNames: new Set(names).size,
      violations: this.violations,
    }
  }

  #mostInAMinute(): number {
    let oldest = 0
    return this.log.reduce((most, { at }, newest) => {
      while ((this.log[oldest]?.at ?? at) <= at - MINUTE_MS) oldest += 1
      return Math.max(most, newest - oldest + 1)
    }, 0)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://emulator')
    const method = request.method ?? 'GET'
    const body = await text(request)
    const call: Call = {
      method,
      path: pathname,
      query: searchParams,
      body: body === '' ? undefined : JSON.parse(body),
    }
    this.log.push({ request: `${method} ${pathname}`, at: this.#clock.now(), body: call.body })
    const limited = this.#limited(call)
    if (limited === undefined) this.#answer(call, request.headers.authorization, response)
    else this.#refuseRate(response, limited)
  }

  #answer(call: Call, authorization: string | undefined, response: ServerResponse): void {
    const fault = this.faults.take(`${call.method} ${call.path}`)
    if (fault === undefined || fault.endsWith('-after')) {
      const reply = this.#reply(call, authorization)
      this.violations.push(...(this.#specification?.violations(call, reply) ?? []))
      if (fault === undefined) this.#send(response, reply)
    }
    if (fault !== undefined) this.#goWrong(fault, response)
  }

  #reply(call: Call, authorization: string | undefined): Reply {
    try {
      if (authorization !== `Bearer ${this.token}`) {
        throw new Refusal(401, 'Unauthorized', 'Unable to authenticate you')
      }
      return answer(this.cloud, call)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { status, id, message, attributes } = error
      const body = {
        id,
        message,
        request_id: `request-${this.log.length}`,
        ...(attributes && { error_attributes: attributes }),
      }
      return { status, body }
    }
  }

  #limited({ method, path }: Call): number | undefined {
    const now = this.#clock.now()
    const isKeys = method === 'GET' && path === '/v2/account/keys'
    return this.#minute.take(now) ?? this.#hour.take(now) ?? (isKeys ? this.#keys.take(now) : undefined)
  }

  #refuseRate(response: ServerResponse, waitMs: number): void {
    this.#throttled += 1
    response.setHeader('retry-after', Math.ceil(waitMs / 1000))
    this.#send(response, TOO_MANY, 0)
  }

  #goWrong(fault: FaultKind, response: ServerResponse): void {
    if (fault === 'refuse') {
      response.setHeader('retry-after', 1)
      this.#send(response, TOO_MANY)
    } else if (fault.startsWith('fail')) {
      this.#send(response, FAILED)
    } else if (fault === 'page') {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html><h1>502 Bad Gateway</h1></html>')
    } else if (fault === 'empty-after') {
      response.writeHead(202).end()
    } else if (fault.startsWith('cut')) {
      response.destroy()
    }
  }

  #send(response: ServerResponse, { status, body }: Reply, remaining = this.#hour.remaining): void {
    const now = this.#clock.now()
    response.writeHead(status, {
      'content-type': 'application/json',
      'ratelimit-limit': 5000,
      'ratelimit-remaining': remaining,
      'ratelimit-reset': Math.ceil((remaining === 0 ? now + 1000 : this.#hour.resetAt(now)) / 1000),
    })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }
}
