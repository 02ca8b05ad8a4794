/** The parts of the API's requests and responses that Belt uses; https://docs.digitalocean.com/reference/api. */

export interface Page {
  readonly meta?: { readonly total: number }
  readonly links?: { readonly pages?: { readonly next?: string } }
}

export interface Account {
  readonly droplet_limit: number
  readonly status: 'active' | 'warning' | 'locked'
  readonly status_message: string
}

export interface Region {
  readonly slug: string
  readonly available: boolean
}

export interface Size {
  readonly slug: string
  /** In MiB. */
  readonly memory: number
  readonly vcpus: number
  /** In GiB. */
  readonly disk: number
  readonly price_monthly: number
  readonly available: boolean
  /** The regions that have capacity for it. */
  readonly regions: readonly string[]
  /** The family it belongs to, such as `Basic`. */
  readonly description: string
}

export interface SshKey {
  readonly id: number
  /** MD5, with colons. */
  readonly fingerprint: string
  readonly public_key: string
  readonly name: string
}

export interface Image {
  readonly id: number
  readonly name: string
  readonly slug?: string | null
  readonly regions: readonly string[]
}

export interface Droplet {
  readonly id: number
  readonly name: string
  readonly status: 'new' | 'active' | 'off' | 'archive'
  readonly memory: number
  readonly created_at: string
  readonly image: Partial<Image>
  readonly size_slug: string
  readonly size: Partial<Size>
  readonly region: { readonly slug: string }
  readonly tags: readonly string[]
  /** Empty in a new droplet. */
  readonly networks: {
    readonly v4?: readonly { readonly ip_address: string; readonly type: 'public' | 'private' }[]
  }
}

export interface DropletOrder {
  /** At most ten. */
  readonly names: readonly string[]
  readonly region: string
  readonly size: string
  readonly image: string | number
  readonly ssh_keys: readonly (string | number)[]
  readonly tags: readonly string[]
  readonly monitoring: boolean
  readonly ipv6: boolean
  readonly vpc_uuid?: string
  readonly user_data?: string
}

export type DropletAction =
  | { readonly type: 'power_on' | 'power_off' | 'shutdown' | 'reboot' }
  | { readonly type: 'resize'; readonly size: string; readonly disk: boolean }

export interface Action {
  readonly id: number
  readonly status: 'in-progress' | 'completed' | 'errored'
  readonly type: string
  readonly resource_id?: number | null
}

export interface Firewall {
  readonly id: string
  readonly name: string
}

export interface FirewallOrder {
  readonly name: string
  readonly tags: readonly string[]
  readonly inbound_rules: readonly FirewallRule<'sources'>[]
  readonly outbound_rules: readonly FirewallRule<'destinations'>[]
}

export type FirewallRule<Peers extends string> = {
  readonly protocol: 'tcp' | 'udp' | 'icmp'
  readonly ports: string
} & { readonly [P in Peers]: { readonly addresses?: readonly string[]; readonly tags?: readonly string[] } }
