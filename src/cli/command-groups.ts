/** A heading for commands, in the help and in the reference. */
export interface CommandGroup {
  readonly title: string
  /** Each as it is typed (`swarm join`). */
  readonly commands: readonly string[]
}

/** Headings in order, with what they hold: commands, or topics, which stand for all their commands. */
const headings: readonly (readonly [title: string, entries: readonly string[]])[] = [
  ['Clusters', ['cluster', 'use', 'active']],
  ['Machines', ['create', 'ls', 'status', 'ip', 'start', 'shutdown', 'reboot', 'resize', 'rm', 'gc']],
  ['Commands and files', ['docker', 'exec', 'ssh', 'cp']],
  ['Hosts', ['tune', 'hostname']],
  ['Swarm', ['swarm']],
  ['Upgrades', ['upgrade']],
  ['Lock and journal', ['lock', 'log']],
  ['Agent and completion', ['agent', 'autocomplete']],
]

/**
 * Sorts commands under the headings.
 * @throws when a command has no heading
 */
export function groupCommands(names: readonly string[]): CommandGroup[] {
  const grouped = headings.map(([title, entries]) => ({
    title,
    commands: entries.flatMap(entry => names.filter(name => name === entry || name.startsWith(`${entry} `))),
  }))
  const placed = new Set(grouped.flatMap(({ commands }) => commands))
  const missing = names.filter(name => !placed.has(name))
  if (missing.length > 0) throw new Error(`no heading holds ${missing.join(', ')}`)
  return grouped.filter(({ commands }) => commands.length > 0)
}
