import { ApiError, isStatus } from './api-error.ts'
import { openModules, type Send } from './do-wrapper.ts'
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

/** The API's largest page size. */
export const PAGE_SIZE = 200

/** How often to read a list that changes while its pages are read. */
const MAX_READS = 3

/** The API requests that Belt makes. */
export class Api {
  readonly #send: Send
  readonly #modules: ReturnType<typeof openModules>

  constructor(send: Send) {
    this.#send = send
    this.#modules = openModules(send, PAGE_SIZE)
  }

  async account(): Promise<Account> {
    return (await this.#modules.account.get()).account
  }

  regions(): Promise<Region[]> {
    return everyPage<Region>('regions', page => this.#modules.regions.getAll('', false, page), slugOf)
  }

  sizes(): Promise<Size[]> {
    return everyPage<Size>('sizes', page => this.#modules.sizes.get('', false, page), slugOf)
  }

  /** The SSH keys of the account. The API allows ten of these requests per minute. */
  keys(): Promise<SshKey[]> {
    return everyPage<SshKey>('ssh_keys', page => this.#modules.keys.getAll('', false, page), idOf)
  }

  /** @returns undefined if there is no such image */
  image(idOrSlug: string): Promise<Image | undefined> {
    return unlessGone(async () => (await this.#modules.images.getByIdOrSlug(idOrSlug)).image)
  }

  /** Snapshots, backups and custom images of the account. */
  privateImages(): Promise<Image[]> {
    const read = (page: number) =>
      this.#send({ actionPath: 'images', qs: { private: true, per_page: PAGE_SIZE, page } })
    return everyPage<Image>('images', read, idOf)
  }

  /** All droplets with a tag. */
  droplets(tag: string): Promise<Droplet[]> {
    return everyPage<Droplet>('droplets', page => this.#modules.droplets.getAll(tag, false, page), idOf)
  }

  /** @returns undefined if it no longer exists */
  droplet(id: string): Promise<Droplet | undefined> {
    return unlessGone(async () => (await this.#modules.droplets.getById(id)).droplet)
  }

  /** @returns the new droplets, still without addresses; an accepted droplet may still fail */
  async createDroplets(order: DropletOrder): Promise<Droplet[]> {
    const answer = await this.#modules.droplets.create(order as never)
    if (Array.isArray(answer?.droplets)) return answer.droplets
    throw new ApiError('cloud-garbled', 'DigitalOcean accepted the droplets but did not list them', {
      outcome: 'lost',
    })
  }

  /** @returns false if it no longer exists */
  async deleteDroplet(id: string): Promise<boolean> {
    try {
      await this.#modules.droplets.deleteById(id)
      return true
    } catch (error) {
      if (isStatus(error, 404)) return false
      throw error
    }
  }

  async deleteDropletsByTag(tag: string): Promise<void> {
    await this.#modules.droplets.deleteByTag(tag)
  }

  async act(dropletId: string, action: DropletAction): Promise<Action> {
    return (await this.#modules.droplets.requestAction(dropletId, action)).action
  }

  async actByTag(tag: string, action: DropletAction): Promise<void> {
    await this.#modules.droplets.requestActionByTag(tag, action)
  }

  /** The latest actions of a droplet, newest first. */
  async actionsOf(dropletId: string): Promise<Action[]> {
    return (await this.#modules.droplets.getActions(dropletId, '', false, 1, 20)).actions
  }

  async action(id: number): Promise<Action> {
    return (await this.#modules.actions.getById(id)).action
  }

  /** One page of the account's actions, newest first. */
  async actions(page: number): Promise<Action[]> {
    return (await this.#modules.actions.get('', false, page)).actions
  }

  /** do-wrapper's own method does not support paging. */
  firewalls(): Promise<Firewall[]> {
    const read = (page: number) => this.#send({ actionPath: 'firewalls', qs: { per_page: PAGE_SIZE, page } })
    return everyPage<Firewall>('firewalls', read, firewall => firewall.id)
  }

  async createFirewall(order: FirewallOrder): Promise<void> {
    await this.#modules.firewalls.create(order as never)
  }

  /** Succeeds if the tag already exists. */
  async createTag(tag: string): Promise<void> {
    try {
      await this.#modules.tags.create(tag)
    } catch (error) {
      if (!isStatus(error, 422)) throw error
    }
  }

  async deleteFirewall(id: string): Promise<void> {
    await unlessGone(() => this.#modules.firewalls.delete(id))
  }
}

/**
 * Reads all pages of a list, each item once. If items were removed in the meantime, others may have moved to an earlier
 * page and been missed. The list is then read again, because an item that was not seen may still exist.
 */
async function everyPage<T>(
  key: string,
  read: (page: number) => Promise<unknown>,
  identify: (item: T) => string,
): Promise<T[]> {
  const items = new Map<string, T>()
  for (let reading = 1; reading <= MAX_READS; reading++) {
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
