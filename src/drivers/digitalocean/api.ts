import accountModule from 'do-wrapper/dist/modules/account.js'
import actionsModule from 'do-wrapper/dist/modules/actions.js'
import dropletsModule from 'do-wrapper/dist/modules/droplets.js'
import firewallsModule from 'do-wrapper/dist/modules/firewalls.js'
import imagesModule from 'do-wrapper/dist/modules/images.js'
import keysModule from 'do-wrapper/dist/modules/keys.js'
import regionsModule from 'do-wrapper/dist/modules/regions.js'
import sizesModule from 'do-wrapper/dist/modules/sizes.js'
import tagsModule from 'do-wrapper/dist/modules/tags.js'
import { ApiError, isStatus } from './api-error.ts'
import type { ApiRequest } from './transport.ts'
import type {
  Account,
  Action,
  Droplet,
  DropletAction,
  DropletOrder,
  Firewall,
  FirewallOrder,
  Image,
  Page,
  Region,
  Size,
  SshKey,
} from './vendor.ts'

/** The most that the API puts on one page. */
export const PAGE_SIZE = 200

/** A list that changes while its pages are read is read again, so often at most. */
const READINGS = 3

type RequestHelper = ConstructorParameters<typeof dropletsModule.default>[1]

/** Sends a request and tells what came back. */
export type Send = (request: ApiRequest) => Promise<unknown>

/**
 * The requests Belt makes, built by the modules of do-wrapper. They are handed a helper of our own, and taken from
 * their own files, so that do-wrapper's transport is never loaded: it has neither deadlines nor retries nor pages
 * that others can wait for.
 */
export class Api {
  readonly #send: Send
  readonly #account
  readonly #actions
  readonly #droplets
  readonly #firewalls
  readonly #images
  readonly #keys
  readonly #regions
  readonly #sizes
  readonly #tags

  constructor(send: Send) {
    const helper = { request: send } as unknown as RequestHelper
    this.#send = send
    this.#account = new accountModule.default(PAGE_SIZE, helper)
    this.#actions = new actionsModule.default(PAGE_SIZE, helper)
    this.#droplets = new dropletsModule.default(PAGE_SIZE, helper)
    this.#firewalls = new firewallsModule.default(PAGE_SIZE, helper)
    this.#images = new imagesModule.default(PAGE_SIZE, helper)
    this.#keys = new keysModule.default(PAGE_SIZE, helper)
    this.#regions = new regionsModule.default(PAGE_SIZE, helper)
    this.#sizes = new sizesModule.default(PAGE_SIZE, helper)
    this.#tags = new tagsModule.default(PAGE_SIZE, helper)
  }

  async account(): Promise<Account> {
    return (await this.#account.get()).account
  }

  regions(): Promise<Region[]> {
    return everyPage<Region>('regions', page => this.#regions.getAll('', false, page), slugOf)
  }

  sizes(): Promise<Size[]> {
    return everyPage<Size>('sizes', page => this.#sizes.get('', false, page), slugOf)
  }

  /** The keys of the account. The API allows ten such requests a minute. */
  keys(): Promise<SshKey[]> {
    return everyPage<SshKey>('ssh_keys', page => this.#keys.getAll('', false, page), idOf)
  }

  /** @returns undefined when there is no such image */
  image(idOrSlug: string): Promise<Image | undefined> {
    return unlessGone(async () => (await this.#images.getByIdOrSlug(idOrSlug)).image)
  }

  /** Snapshots, backups and custom images of the account. */
  privateImages(): Promise<Image[]> {
    const read = (page: number) =>
      this.#send({ actionPath: 'images', qs: { private: true, per_page: PAGE_SIZE, page } })
    return everyPage<Image>('images', read, idOf)
  }

  /** All droplets that carry a tag. */
  droplets(tag: string): Promise<Droplet[]> {
    return everyPage<Droplet>('droplets', page => this.#droplets.getAll(tag, false, page), idOf)
  }

  /** @returns undefined when it is gone */
  droplet(id: string): Promise<Droplet | undefined> {
    return unlessGone(async () => (await this.#droplets.getById(id)).droplet)
  }

  /** @returns the droplets as they are at first, without addresses; that they are accepted says nothing of success */
  async createDroplets(order: DropletOrder): Promise<Droplet[]> {
    const answer = await this.#droplets.create(order as never)
    if (Array.isArray(answer?.droplets)) return answer.droplets
    throw new ApiError('cloud-garbled', 'DigitalOcean accepted droplets without naming them', {
      fate: 'lost',
    })
  }

  /** @returns false when it was gone already */
  async deleteDroplet(id: string): Promise<boolean> {
    try {
      await this.#droplets.deleteById(id)
      return true
    } catch (error) {
      if (isStatus(error, 404)) return false
      throw error
    }
  }

  async deleteDropletsByTag(tag: string): Promise<void> {
    await this.#droplets.deleteByTag(tag)
  }

  async act(dropletId: string, action: DropletAction): Promise<Action> {
    return (await this.#droplets.requestAction(dropletId, action)).action
  }

  async actByTag(tag: string, action: DropletAction): Promise<void> {
    await this.#droplets.requestActionByTag(tag, action)
  }

  /** The last actions of a droplet, the newest first. */
  async actionsOf(dropletId: string): Promise<Action[]> {
    return (await this.#droplets.getActions(dropletId, '', false, 1, 20)).actions
  }

  async action(id: number): Promise<Action> {
    return (await this.#actions.getById(id)).action
  }

  /** One page of the account's actions, the newest first. */
  async actions(page: number): Promise<Action[]> {
    return (await this.#actions.get('', false, page)).actions
  }

  /** do-wrapper's own method knows no pages. */
  firewalls(): Promise<Firewall[]> {
    const read = (page: number) => this.#send({ actionPath: 'firewalls', qs: { per_page: PAGE_SIZE, page } })
    return everyPage<Firewall>('firewalls', read, firewall => firewall.id)
  }

  async createFirewall(order: FirewallOrder): Promise<void> {
    await this.#firewalls.create(order as never)
  }

  /** A tag that is there already is as good. */
  async createTag(tag: string): Promise<void> {
    try {
      await this.#tags.create(tag)
    } catch (error) {
      if (!isStatus(error, 422)) throw error
    }
  }

  async deleteFirewall(id: string): Promise<void> {
    await unlessGone(() => this.#firewalls.delete(id))
  }
}

/**
 * Reads a list to its end, each item once. Where items went while it was read, others may have slipped from one page
 * to the one before: then it is read again, because an item that was not seen is not known to be gone.
 */
async function everyPage<T>(
  key: string,
  read: (page: number) => Promise<unknown>,
  identify: (item: T) => string,
): Promise<T[]> {
  const items = new Map<string, T>()
  for (let reading = 1; reading <= READINGS; reading++) {
    items.clear()
    let total = 0
    for (let page = 1; ; page++) {
      const answer = (await read(page)) as Page & Record<string, T[]>
      for (const item of answer[key] ?? []) items.set(identify(item), item)
      total = answer.meta?.total ?? items.size
      if (!answer.links?.pages?.next) break
    }
    if (items.size >= total) break
  }
  return [...items.values()]
}

function idOf({ id }: { id: number }): string {
  return String(id)
}

function slugOf({ slug }: { slug: string }): string {
  return slug
}

async function unlessGone<T>(request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request()
  } catch (error) {
    if (isStatus(error, 404)) return undefined
    throw error
  }
}
