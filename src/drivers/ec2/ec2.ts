import type { EC2Client } from '@aws-sdk/client-ec2'
import type { Clock } from '../clock.ts'
import type { Action, Input, Output } from './actions.ts'
import { ec2Error, ec2Timeout, isRefusal, noRegion } from './ec2-error.ts'
import { Limiter } from './limiter.ts'

/** All attempts of one call together. */
const DEADLINE_MS = 240_000
const ATTEMPTS = 10
const TRANSPORT = { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true }

/** What was made a moment ago is not known everywhere at once. */
const JUST_MADE_MS = 30_000
const LOOK_AGAIN_MS = 2_000
const NOT_YET_KNOWN = /^Invalid(InstanceID|Group|GroupId|KeyPair)\.NotFound$/

export interface Ec2CallOptions {
  /** What is being done, for messages: "listing the instances". */
  what: string
  /** Ends the waiting for a turn, and of reading calls the call itself: what a change did must be known. */
  signal?: AbortSignal | undefined
  /** How many instances the call is about, for the limits of EC2. */
  instances?: number
  /** The call names something that was made a moment ago: that EC2 does not know it is not believed at once. */
  justMade?: boolean
}

/** EC2 in one region. Every call has a deadline, keeps below the rates of EC2, and fails with an `Ec2Error`. */
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
   * @param region the one that the environment or the profile names, unless told
   * @throws a precheck error when there is none
   */
  static async open(region: string | undefined, profile: string | undefined, clock: Clock): Promise<Ec2> {
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

  /** @throws Ec2Error; the signal's reason when it is aborted */
  async call<A extends Action>(action: A, input: Input<A>, options: Ec2CallOptions): Promise<Output<A>> {
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

  async #once<A extends Action>(action: A, input: Input<A>, options: Ec2CallOptions): Promise<Output<A>> {
    const { what, signal, instances = 1 } = options
    await this.#limiter.turn(action, instances, signal)
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

  async #send<A extends Action>(action: A, input: Input<A>, abortSignal: AbortSignal): Promise<Output<A>> {
    const sdk = await loadSdk()
    // The name of the action is the name of its class, which the compiler cannot follow.
    const Command = sdk[`${action}Command`] as unknown as new (input: Input<A>) => never
    return (await this.#client.send(new Command(input), { abortSignal })) as Output<A>
  }
}

/** The SDK is loaded when it is used: it takes a quarter of a second. It warns of Node 20 unless told not to. */
function loadSdk(): Promise<typeof import('@aws-sdk/client-ec2')> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  return import('@aws-sdk/client-ec2')
}
