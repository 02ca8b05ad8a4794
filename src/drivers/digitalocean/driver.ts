import { type Clock, clockAt } from '../../clock.ts'
import { naturalOrder } from '../../domain/natural-order.ts'
import { precheckError } from '../../errors.ts'
import { silentProgress } from '../../progress.ts'
import type {
  ClusterContext,
  Driver,
  DriverCallOptions,
  Machine,
  MachineSpec,
  Outcome,
  ResizeOptions,
} from '../driver.ts'
import { untouched } from '../outcomes.ts'
import { Api } from './api.ts'
import { LIST_LAG_MS } from './await-droplet.ts'
import { requestBudgetOf } from './budget.ts'
import { rebootDroplets, resizeDroplets, shutDownDroplets, startDroplets } from './change.ts'
import { createDroplets } from './create.ts'
import { destroyDroplets } from './destroy.ts'
import { removeLeftFirewall } from './firewall.ts'
import { machineFromDroplet } from './machine.ts'
import { type DigitalOceanOptions, TOKEN_VARIABLE } from './options.ts'
import { listDroplets, openSession, type Session } from './session.ts'
import { resolveSize } from './sizes.ts'
import { clusterTag } from './tags.ts'
import { Transport } from './transport.ts'

/** The deadline for reading what an interrupted create left behind. */
const LAST_LOOK_MS = 30_000

/** A thousand droplets fill five pages. With this pause, listing them takes a quarter of the budget. */
const LIST_PAUSE_MS = 5000

/** Runs machines as droplets, identified only by the cluster's tag. */
export class DigitalOceanDriver implements Driver {
  readonly name = 'digitalocean'
  readonly destroyVerb = 'destroy'
  readonly listPauseMs = LIST_PAUSE_MS
  readonly listLagMs = LIST_LAG_MS
  readonly #options: DigitalOceanOptions
  readonly #context: ClusterContext
  readonly #clock: Clock

  constructor(options: DigitalOceanOptions, context: ClusterContext, clock: Clock = clockAt(1)) {
    this.#options = options
    this.#context = context
    this.#clock = clock
  }

  /** Checks the token, the status of the account, and that the regions in the config exist. */
  async validate(options: DriverCallOptions = {}): Promise<void> {
    const { api } = this.#session(options)
    const { status, status_message: message } = await api.account()
    if (status === 'locked') {
      throw precheckError('account-locked', `DigitalOcean has locked the account: ${message}`, {
        hint: 'contact https://cloud.digitalocean.com/support',
      })
    }
    const wanted = [this.#options.region ?? []].flat()
    const regions = wanted.length === 0 ? [] : await api.regions()
    for (const region of wanted) {
      if (regions.some(({ slug, available }) => slug === region && available)) continue
      const known = regions.filter(({ available }) => available).map(({ slug }) => slug)
      throw precheckError('bad-region', `DigitalOcean has no region ${region}`, {
        hint: `set digitalocean.region to one of: ${known.join(', ')}`,
      })
    }
  }

  create(specs: readonly MachineSpec[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return this.#create(specs, undefined, options)
  }

  createWithScript(
    specs: readonly MachineSpec[],
    script: string,
    options: DriverCallOptions = {},
  ): Promise<Outcome[]> {
    return this.#create(specs, script, options)
  }

  async list(options: DriverCallOptions = {}): Promise<Machine[]> {
    const droplets = await listDroplets(this.#session(options))
    return [...droplets.values()]
      .map(droplet => machineFromDroplet(droplet, this.#options.ssh_user))
      .sort((a, b) => naturalOrder(a.name, b.name))
  }

  destroy(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return this.#eachOf(machines, options, async session => {
      const outcomes = await destroyDroplets(session, machines)
      if (!options.signal?.aborted) await removeLeftFirewall(session, this.#context.cluster)
      return outcomes
    })
  }

  shutdown(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return this.#eachOf(machines, options, session =>
      shutDownDroplets(session, machines, this.#options.ssh_user),
    )
  }

  start(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return this.#eachOf(machines, options, session =>
      startDroplets(session, machines, this.#options.ssh_user),
    )
  }

  reboot(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return this.#eachOf(machines, options, session =>
      rebootDroplets(session, machines, this.#options.ssh_user),
    )
  }

  resize(machines: readonly Machine[], size: string, options: ResizeOptions = {}): Promise<Outcome[]> {
    return this.#eachOf(machines, options, async session => {
      const sizes = await session.api.sizes()
      const sizeIn = (region: string) => resolveSize(size, region, sizes)
      return await resizeDroplets(session, machines, this.#options.ssh_user, sizeIn, options.disk ?? false)
    })
  }

  async ofSize(
    machines: readonly Machine[],
    size: string,
    options: DriverCallOptions = {},
  ): Promise<string[]> {
    const session = this.#session(options)
    const [sizes, droplets] = await Promise.all([session.api.sizes(), listDroplets(session)])
    const same = machines.filter(({ id }) => {
      const droplet = droplets.get(id)
      return droplet && droplet.size_slug === resolveSize(size, droplet.region.slug, sizes).slug
    })
    return same.map(({ name }) => name)
  }

  #create(
    specs: readonly MachineSpec[],
    script: string | undefined,
    options: DriverCallOptions,
  ): Promise<Outcome[]> {
    return this.#eachOf(specs, options, async session => {
      const { operation } = options
      const site = { options: this.#options, context: this.#context, operation, script }
      return await this.#withHalfMade(await createDroplets(session, site, specs))
    })
  }

  /** Runs `act`; if the signal is aborted before anything was done, reports all items as untouched. */
  async #eachOf(
    items: readonly { readonly name: string }[],
    options: DriverCallOptions,
    act: (session: Session) => Promise<Outcome[]>,
  ): Promise<Outcome[]> {
    if (items.length === 0) return []
    try {
      return await act(this.#session(options))
    } catch (error) {
      if (options.signal?.aborted && error === options.signal.reason) return untouched(items)
      throw error
    }
  }

  /** Adds partly created machines to failures, if they can be read. */
  async #withHalfMade(outcomes: Outcome[]): Promise<Outcome[]> {
    if (outcomes.every(outcome => outcome.ok)) return outcomes
    const left = await this.list({ signal: this.#clock.deadline(LAST_LOOK_MS) }).catch((): Machine[] => [])
    const byName = new Map(left.map(machine => [machine.name, machine]))
    return outcomes.map(outcome => {
      const machine = byName.get(outcome.name)
      return outcome.ok || !machine ? outcome : { ...outcome, machine }
    })
  }

  #session({ signal, progress = silentProgress }: DriverCallOptions): Session {
    const baseUrl = this.#options.api_url.replace(/\/+(v2\/*)?$/, '')
    const token = this.#token()
    const clock = this.#clock
    const transport = new Transport({ baseUrl, token, clock, budget: requestBudgetOf(token, baseUrl, clock) })
    const api = new Api(request => transport.request(request, signal))
    return openSession({ api, clock, signal, progress, tag: clusterTag(this.#context.cluster) })
  }

  #token(): string {
    const token = this.#options.access_token ?? process.env[TOKEN_VARIABLE]
    if (token) return token
    throw precheckError('no-token', 'no DigitalOcean token set', {
      hint: 'export DIGITALOCEAN_ACCESS_TOKEN=…, with a token made at https://cloud.digitalocean.com/account/api/tokens',
    })
  }
}
