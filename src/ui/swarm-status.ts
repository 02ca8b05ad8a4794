import { fold } from '../domain/ranges.ts'
import { line, shownMessage } from '../domain/shown.ts'
import type { LedgerClass } from '../domain/swarm/ledger.ts'
import type { SwarmVerdict } from '../domain/swarm/verdict.ts'
import type { StatusRow, SwarmStatus } from '../operations/swarm/status.ts'
import { colorsFor } from './color.ts'
import { type Painter, table } from './table.ts'

const VERDICT_COLORS = {
  healthy: 'green',
  degraded: 'yellow',
  'quorum-lost': 'red',
  'no-swarm': 'yellow',
  unknown: 'magenta',
} as const satisfies Record<SwarmVerdict, string>

/** The status of a swarm as text: its verdict, managers, workers, nodes, and remedies. */
export function swarmStatusText(status: SwarmStatus, out: { isTTY?: boolean }): string {
  const chalk = colorsFor(out)
  const { cluster, verdict, group, tolerance, leader, askedOf, problems, warnings, rows } = status
  const lines = [`${cluster}: ${chalk[VERDICT_COLORS[verdict]](verdict.replace('-', ' '))}`]
  if (group.managers > 0) {
    const led = leader ? line`, led by ${leader}` : ''
    lines.push(
      `managers: ${group.reachable} of ${group.managers} reachable, ${toleranceInWords(tolerance)}${led}`,
    )
  }
  if (askedOf !== undefined) lines.push(line`workers: ${workersInWords(rows)}`)
  lines.push(
    ...problems.map(problem => `problem: ${shownMessage(problem)}`),
    ...warnings.map(warning => `warning: ${shownMessage(warning)}`),
  )
  return `${lines.join('\n')}\n\n${ledgerTable(rows, painter(out))}${remedies(rows)}`
}

function toleranceInWords(tolerance: number): string {
  if (tolerance < 0) return `needs ${-tolerance} more`
  return tolerance === 0 ? 'may lose none' : `may lose ${tolerance} more`
}

function workersInWords(rows: readonly StatusRow[]): string {
  const workers = rows.flatMap(({ name, node }) => (node?.role === 'worker' ? [{ name, node }] : []))
  const states = [...new Set(workers.map(({ node }) => node.state))]
  const groups = states.map(state => {
    const names = workers.filter(({ node }) => node.state === state).map(({ name }) => name)
    return `${names.length} ${state}${state === 'ready' ? '' : ` (${fold(names)})`}`
  })
  return groups.join(', ') || 'none'
}

function ledgerTable(rows: readonly StatusRow[], paint: Painter): string {
  return table(
    ['NAME', 'MACHINE', 'HOST', 'NODE', 'ROLE', 'AVAILABILITY', 'ENGINE', 'CLASS'],
    rows.map(({ name, machine, host, node, class: kind }) => [
      name,
      machine ?? '',
      host ?? '',
      node?.state ?? '',
      node ? roleInWords(node) : '',
      node?.availability ?? '',
      node?.engineVersion ?? '',
      kind,
    ]),
    paint,
  )
}

function roleInWords(node: NonNullable<StatusRow['node']>): string {
  if (node.isLeader) return 'leader'
  const unreachable = node.reachability !== undefined && node.reachability !== 'reachable'
  return unreachable ? `${node.role}, ${node.reachability}` : node.role
}

function painter(out: { isTTY?: boolean }): Painter {
  const chalk = colorsFor(out)
  return (text, heading) => {
    if (heading !== 'CLASS') return text
    return (text as LedgerClass) === 'ok' ? chalk.green(text) : chalk.yellow(text)
  }
}

function remedies(rows: readonly StatusRow[]): string {
  const wrong = rows.filter(row => row.class !== 'ok')
  if (wrong.length === 0) return ''
  const lines = wrong.map(({ name, class: kind, detail, mend }) => {
    const why = detail ? line` (${detail})` : ''
    return line`${name}: ${kind}${why}` + (mend ? `\n  ${shownMessage(mend)}` : '')
  })
  return `\n${lines.join('\n')}\n`
}
