import type { Clock } from '../../../src/clock.ts'
import type { Droplet, DropletAction, DropletOrder } from '../../../src/drivers/digitalocean/vendor.ts'
import type { Backing } from '../backing.ts'
import { Account } from './account.ts'
import { images, regions, sizes } from './catalogue.ts'
import { actionOf, type Entry, type Event, told } from './entry.ts'
import type { Faults } from './faults.ts'
import { notFound, unprocessable } from './refusal.ts'

const NAMES_PER_REQUEST = 10

export interface CloudOptions {
  readonly clock: Clock
  readonly backing: Backing
  readonly faults: Faults
  readonly dropletLimit: number
  /** How long a droplet takes to come up. */
  readonly bootMs: number
  /** How long any other action takes. */
  readonly actionMs: number
  /** Told when a machine behind a droplet fails. */
  readonly onFailure: (error: unknown) => void
}

/** What there is on the account, and how it changes. */
export class Cloud extends Account {
  readonly #options: CloudOptions
  readonly #droplets = new Map<number, Entry>()
  readonly #events: Event[] = []
  /** How many droplets were ever made. */
  made = 0

  constructor(options: CloudOptions) {
    super()
    this.#options = options
  }

  get dropletLimit(): number {
    return this.#options.dropletLimit
  }

  /** All droplets there are, whether lists show them yet or not. */
  all(): Droplet[] {
    return this.#existing().map(entry => this.#told(entry))
  }

  create(order: DropletOrder & { name?: string }): { droplets: object[]; actions: number[] } {
    const names = order.names ?? [order.name ?? '']
    const size = this.#checked(order, names)
    const entries = names.map(name => this.#make(name, order, size.disk))
    return {
      droplets: entries.map(entry => this.#told(entry)),
      actions: entries.map(entry => entry.event?.id ?? 0),
    }
  }

  list(tag: string | null): object[] {
    const { clock } = this.#options
    return [...this.#droplets.values()]
      .filter(entry => tag === null || entry.tags.includes(tag))
      .filter(
        entry =>
          entry.listedFrom <= clock.now() && (entry.goneFromListAt ?? Number.POSITIVE_INFINITY) > clock.now(),
      )
      .map(entry => this.#told(entry))
  }

  droplet(id: number): object {
    return this.#told(this.#entry(id))
  }

  destroy(id: number): void {
    this.#remove(this.#entry(id))
  }

  destroyTagged(tag: string): void {
    for (const entry of this.#existing()) if (entry.tags.includes(tag)) this.#remove(entry)
  }

  act(id: number, action: DropletAction & { disk?: boolean }): object {
    return actionOf(this.#begin(this.#entry(id), action))
  }

  actTagged(tag: string, action: DropletAction): object[] {
    if (action.type === 'reboot' || action.type === 'resize')
      throw unprocessable(`${action.type} is not possible by tag.`)
    const entries = this.#existing().filter(entry => entry.tags.includes(tag))
    for (const entry of entries) this.#settle(entry)
    if (entries.some(entry => entry.event)) throw unprocessable('Droplet already has a pending event.')
    return entries.map(entry => actionOf(this.#begin(entry, action)))
  }

  /** The newest first. */
  actions(dropletId?: number): object[] {
    for (const entry of this.#existing()) this.#settle(entry)
    return this.#events
      .filter(event => dropletId === undefined || event.dropletId === dropletId)
      .map(actionOf)
      .reverse()
  }

  action(id: number): object {
    for (const entry of this.#existing()) this.#settle(entry)
    const event = this.#events.find(event => event.id === id)
    if (!event) throw notFound()
    return actionOf(event)
  }

  #checked(order: DropletOrder, names: readonly string[]) {
    const { faults, dropletLimit } = this.#options
    const size = sizes.find(({ slug, available }) => slug === order.size && available)
    const region = regions.find(({ slug, available }) => slug === order.region && available)
    if (names.length > NAMES_PER_REQUEST)
      throw unprocessable(`You can't create more than ${NAMES_PER_REQUEST} Droplets at the same time.`)
    if (!size) throw unprocessable('You specified an invalid size for Droplet creation.')
    if (!region) throw unprocessable('You specified an invalid region for Droplet creation.')
    const elsewhere = faults.soldOut.get(size.slug)
    if (elsewhere || !size.regions.includes(region.slug)) {
      throw unprocessable('The requested size is not available in this region.', {
        available_regions: elsewhere ?? size.regions,
      })
    }
    const image = images.find(({ id, slug }) => id === order.image || slug === order.image)
    if (!image) throw unprocessable('You specified an invalid image for Droplet creation.')
    const unknown = order.ssh_keys.filter(
      wanted => !this.keys.some(key => key.id === wanted || key.fingerprint === wanted),
    )
    if (unknown.length > 0)
      throw unprocessable(`${unknown.join(', ')} are invalid key identifiers for Droplet creation.`)
    if (this.#existing().length + names.length > dropletLimit) {
      throw unprocessable('creating this/these droplet(s) will exceed your droplet limit')
    }
    return size
  }

  #make(name: string, order: DropletOrder, disk: number): Entry {
    const { clock, faults } = this.#options
    for (const tag of order.tags) this.tags.add(tag)
    const entry: Entry = {
      id: this.nextId(),
      name,
      region: order.region,
      image: order.image,
      tags: order.tags,
      createdAt: new Date().toISOString(),
      listedFrom: clock.now() + faults.listLagMs,
      size: order.size,
      disk,
      status: 'new',
      event: undefined,
    }
    this.#droplets.set(entry.id, entry)
    this.made += 1
    if (faults.vanishing.has(name)) {
      this.#droplets.delete(entry.id)
      return entry
    }
    entry.event = this.#event(entry, 'create', this.#bootMs(entry), this.#boot(entry, order), () => {
      entry.status = 'active'
    })
    return entry
  }

  /** No two droplets take the same time. */
  #bootMs({ id, name }: Entry): number {
    const { bootMs, faults } = this.#options
    return faults.slow.has(name) ? 30 * bootMs : bootMs * (1 + (id % 7) / 2)
  }

  async #boot(entry: Entry, order: DropletOrder): Promise<void> {
    const memoryMiB = sizes.find(({ slug }) => slug === order.size)?.memory ?? 512
    const keys = this.keys.filter(
      key => order.ssh_keys.includes(key.id) || order.ssh_keys.includes(key.fingerprint),
    )
    const machine = await this.#options.backing.create({
      name: backingName(entry),
      memoryMiB,
      authorizedKeys: keys.map(key => key.public_key),
      userData: order.user_data,
    })
    entry.address = machine.address
  }

  #begin(entry: Entry, action: DropletAction & { disk?: boolean }): Event {
    const { backing, faults, actionMs } = this.#options
    this.#settle(entry)
    if (entry.event) throw unprocessable('Droplet already has a pending event.')
    const isOff = entry.status === 'off'
    switch (action.type) {
      case 'shutdown':
      case 'power_off': {
        if (isOff) throw unprocessable('Droplet is already powered off.')
        if (action.type === 'shutdown' && faults.deaf.has(entry.name)) {
          return this.#event(entry, action.type, actionMs, Promise.resolve(), () => {})
        }
        return this.#event(entry, action.type, actionMs, backing.stop(backingName(entry)), () => {
          entry.status = 'off'
        })
      }
      case 'power_on':
        if (!isOff) throw unprocessable('Droplet is already powered on.')
        return this.#event(entry, action.type, actionMs, backing.start(backingName(entry)), () => {
          entry.status = 'active'
        })
      case 'reboot': {
        if (isOff) throw unprocessable('Droplet is powered off.')
        const again = backing.stop(backingName(entry)).then(() => backing.start(backingName(entry)))
        return this.#event(entry, action.type, actionMs, again, () => {})
      }
      case 'resize':
        return this.#resize(entry, action)
    }
  }

  #resize(entry: Entry, { size: slug, disk }: DropletAction & { type: 'resize' }): Event {
    const size = sizes.find(size => size.slug === slug && size.available)
    if (!size) throw unprocessable('You specified an invalid size.')
    if (entry.status !== 'off') throw unprocessable('Droplet must be powered off to be resized.')
    if (entry.size === slug) throw unprocessable('This Droplet is already this size.')
    if (size.disk < entry.disk) throw unprocessable("Size can not decrease size of Droplet's disk image")
    return this.#event(entry, 'resize', this.#options.actionMs, Promise.resolve(), () => {
      entry.size = slug
      if (disk) entry.disk = size.disk
    })
  }

  #event(entry: Entry, type: string, ms: number, work: Promise<void>, effect: () => void): Event {
    const event: Event = {
      id: this.nextId(),
      type,
      dropletId: entry.id,
      region: entry.region,
      startedAt: new Date().toISOString(),
      endsAt: this.#options.clock.now() + ms,
      effect,
      ready: false,
      ended: false,
    }
    work.then(() => {
      event.ready = true
    }, this.#options.onFailure)
    this.#events.push(event)
    entry.event = event
    return event
  }

  /** Lets an event end whose time has come. */
  #settle(entry: Entry): void {
    const { event } = entry
    if (!event?.ready || event.endsAt > this.#options.clock.now()) return
    event.effect()
    event.ended = true
    entry.event = undefined
  }

  #existing(): Entry[] {
    return [...this.#droplets.values()].filter(entry => entry.goneFromListAt === undefined)
  }

  #entry(id: number): Entry {
    const entry = this.#droplets.get(id)
    if (!entry || entry.goneFromListAt !== undefined) throw notFound()
    return entry
  }

  #remove(entry: Entry): void {
    entry.goneFromListAt = this.#options.clock.now() + this.#options.actionMs
    this.#options.backing.destroy(backingName(entry)).catch(this.#options.onFailure)
  }

  #told(entry: Entry): Droplet {
    this.#settle(entry)
    return told(entry)
  }
}

/** Clusters may have droplets of the same name, and share no network here. */
function backingName({ name, tags }: Entry): string {
  const cluster = tags.find(tag => tag.startsWith('belt:cluster:'))?.slice('belt:cluster:'.length)
  return cluster === undefined ? name : `${cluster}/${name}`
}
