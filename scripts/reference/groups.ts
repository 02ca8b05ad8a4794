/** A heading of the reference's index, and the commands below it, each as it is typed (`swarm join`). */
interface Group {
  readonly title: string
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
  ['Agent', ['agent']],
]

/**
 * Sorts commands under the headings of the index.
 *
 * @throws when a command has no heading
 */
export function groupCommands(names: readonly string[]): Group[] {
  const grouped = headings.map(([title, entries]) => ({
    title,
    commands: entries.flatMap(entry => names.filter(name => name === entry || name.startsWith(`${entry} `))),
  }))
  const placed = new Set(grouped.flatMap(({ commands }) => commands))
  const missing = names.filter(name => !placed.has(name))
  if (missing.length > 0)
    throw new Error(`the index of the reference has no heading for: ${missing.join(', ')}`)
  return grouped.filter(({ commands }) => commands.length > 0)
}
