import { createHash } from 'node:crypto'
import type { Firewall, SshKey } from '../../../src/drivers/digitalocean/vendor.ts'
import { notFound, unprocessable } from './refusal.ts'

/** What is on the account besides droplets. */
export class Account {
  readonly keys: SshKey[] = []
  readonly firewalls: (Firewall & Record<string, unknown>)[] = []
  protected readonly tags = new Set<string>()
  #lastId = 100_000

  addTag(name: string): string {
    if (this.tags.has(name)) throw unprocessable('Tag already exists.')
    this.tags.add(name)
    return name
  }

  addKey(name: string, publicKey: string): SshKey {
    const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64')
    const fingerprint = createHash('md5')
      .update(blob)
      .digest('hex')
      .replace(/..(?=.)/g, '$&:')
    if (this.keys.some(key => key.fingerprint === fingerprint))
      throw unprocessable('SSH Key is already in use on your account')
    const key = { id: this.nextId(), name, public_key: publicKey, fingerprint }
    this.keys.push(key)
    return key
  }

  addFirewall(order: Record<string, unknown> & { name: string; tags?: string[] }): object {
    if (this.firewalls.some(({ name }) => name === order.name)) throw unprocessable('duplicate name')
    const unknown = order.tags?.filter(tag => !this.tags.has(tag)) ?? []
    if (unknown.length > 0) throw unprocessable(`tag ${unknown[0]} does not exist`)
    const firewall = {
      ...order,
      id: `00000000-0000-4000-8000-${String(this.nextId()).padStart(12, '0')}`,
      status: 'waiting',
      created_at: new Date().toISOString(),
      pending_changes: [],
      droplet_ids: [],
    }
    this.firewalls.push(firewall)
    return firewall
  }

  removeFirewall(id: string): void {
    const index = this.firewalls.findIndex(firewall => firewall.id === id)
    if (index < 0) throw notFound()
    this.firewalls.splice(index, 1)
  }

  protected nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }
}
