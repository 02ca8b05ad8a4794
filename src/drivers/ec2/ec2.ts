import type { EC2Client } from '@aws-sdk/client-ec2'
import type { Clock } from '../../clock.ts'
import { usageError } from '../../errors.ts'
import type { Ec2Action, Input, Output } from './actions.ts'
import { ec2Error, ec2Timeout, isRefusal, noRegion } from './ec2-error.ts'
import { Limiter } from './limiter.ts'

/** The deadline for all attempts of one call. */
const DEADLINE_MS = 240_000
const ATTEMPTS = 10
const TRANSPORT = { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true }

/** How long a new resource may not be known everywhere yet. */
const JUST_MADE_MS = 30_000
const LOOK_AGAIN_MS = 2_000
const NOT_YET_KNOWN = /^Invalid(InstanceID|Group|GroupId|KeyPair)\.NotFound$/

export interface Ec2CallOptions {
  /** The action, for messages: "listing the instances". */
  what: string
  /** Aborts the wait for the rate limit, and a read. A change is allowed to finish, so that its outcome is known. */
  signal?: AbortSignal | undefined
  /** How many instances the call affects, for EC2's rate limits. */
  instances?: number
  /** Whether the call names a new resource; "not found" is then retried for a while. */
  justMade?: boolean
}

/** EC2 in one region. Every call has a deadline, respects EC2's rate limits, and fails with an `Ec2Error`. */
export class Ec2 {
  readonly region: string
  readonly clock: Clock
  readonly #client: EC2Client
  readonly #limiter: Limiter

  private constructor(region: string, client: EC2Client, clock: Clock) {
    this.region = region
    this.clock = clock
    this.#client = client
    this.#limiter = new Limiter(clock)
  }

  /**
   * @param region default: the region set in the environment or the profile
   * @throws a precheck error if no region is set
   */
  static async open(region: string | undefined, profile: string | undefined, clock: Clock): Promise<Ec2> {
    assertEndpoint(process.env)
    const { EC2Client } = await loadSdk()
    const client = new EC2Client({
      retryMode: 'adaptive',
      requestHandler: TRANSPORT,
      ...(region !== undefined && { region }),
      ...(profile !== undefined && { profile }),
      ...(process.env.AWS_MAX_ATTEMPTS === undefined && { maxAttempts: ATTEMPTS }),
    })
    try {
      return new Ec2(await client.config.region(), client, clock)
    } catch (error) {
      throw noRegion(error)
    }
  }

  /** @throws Ec2Error; the signal's reason if it is aborted */
  async call<A extends Ec2Action>(action: A, input: Input<A>, options: Ec2CallOptions): Promise<Output<A>> {
    const start = this.clock.now()
    for (;;) {
      try {
        return await this.#once(action, input, options)
      } catch (error) {
        const isLate = this.clock.now() - start > JUST_MADE_MS
        if (!options.justMade || isLate || !isRefusal(error, NOT_YET_KNOWN)) throw error
        await this.clock.sleep(LOOK_AGAIN_MS, options.signal)
      }
    }
  }

  async #once<A extends Ec2Action>(action: A, input: Input<A>, options: Ec2CallOptions): Promise<Output<A>> {
    const { what, signal, instances = 1 } = options
    await this.#limiter.wait(action, instances, signal)
    signal?.throwIfAborted()
    const deadline = AbortSignal.timeout(DEADLINE_MS)
    const isRead = action.startsWith('Describe')
    try {
      return await this.#send(
        action,
        input,
        isRead && signal ? AbortSignal.any([deadline, signal]) : deadline,
      )
    } catch (error) {
      if (isRead) signal?.throwIfAborted()
      if (deadline.aborted) throw ec2Timeout(what, this.region, DEADLINE_MS)
      throw ec2Error(error, what, this.region)
    }
  }

  async #send<A extends Ec2Action>(action: A, input: Input<A>, abortSignal: AbortSignal): Promise<Output<A>> {
    const sdk = await loadSdk()
    // The class is named after the action, which the compiler cannot infer.
    const Command = sdk[`${action}Command`] as unknown as new (input: Input<A>) => never
    return (await this.#client.send(new Command(input), { abortSignal })) as Output<A>
  }
}

/** Loads the SDK on demand, which takes a quarter of a second, and disables its warning about Node 20. */
function loadSdk(): Promise<typeof import('@aws-sdk/client-ec2')> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  return import('@aws-sdk/client-ec2')
}

/** The SDK takes an empty URL for none, and would send to the real API what was meant for another place. */
function assertEndpoint(environment: NodeJS.ProcessEnv): void {
  const empty = ['AWS_ENDPOINT_URL_EC2', 'AWS_ENDPOINT_URL'].find(name => environment[name] === '')
  if (empty === undefined) return
  throw usageError('empty-variable', `${empty} is set, but empty`, {
    hint: `set it to the URL to use, or unset it: unset ${empty}`,
  })
}
