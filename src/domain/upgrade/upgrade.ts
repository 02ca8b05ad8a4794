/** What an upgrade does to each node. */
export type Upgrade =
  | { readonly kind: 'size'; readonly size: string }
  | { readonly kind: 'engine'; readonly version: string }
  | { readonly kind: 'reboot' }
  | { readonly kind: 'command'; readonly line: string }

/** An upgrade in one line, as labels store it and messages show it: `size 16gb`, `engine 28.5.2`, `reboot`, `command apt-get …`. */
export function upgradeText(upgrade: Upgrade): string {
  switch (upgrade.kind) {
    case 'size':
      return `size ${upgrade.size}`
    case 'engine':
      return `engine ${upgrade.version}`
    case 'reboot':
      return 'reboot'
    case 'command':
      return `command ${upgrade.line}`
  }
}

/** Parses what `upgradeText` wrote; undefined for any other text. */
export function parseUpgrade(text: string): Upgrade | undefined {
  const space = text.indexOf(' ')
  const kind = space === -1 ? text : text.slice(0, space)
  const value = space === -1 ? '' : text.slice(space + 1)
  if (kind === 'reboot') return { kind }
  if (value === '') return undefined
  if (kind === 'size') return { kind, size: value }
  if (kind === 'engine') return { kind, version: value }
  return kind === 'command' ? { kind, line: value } : undefined
}
