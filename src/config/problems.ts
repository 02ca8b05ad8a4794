import { type BeltError, usageError } from '../errors.ts'

/** One problem in a config. */
export interface Problem {
  /** `FILE:LINE:COLUMN`, both counted from 1, or `environment NAME`. */
  readonly where: string
  readonly message: string
}

/** More would be the lines of a file that is no config. */
const MOST_SHOWN = 20

/** Whether text has to be quoted, because YAML reads `1001` as a number and `true` as a boolean. */
export function needsQuotes(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean'
}

/** Reports the problems of a config as one error, one per line. */
export function badConfig(problems: readonly Problem[]): BeltError {
  const shown = problems.slice(0, MOST_SHOWN)
  const lines = shown.map(({ where, message }) => `${where}: ${message}`)
  if (problems.length > shown.length) lines.push(`and ${problems.length - shown.length} more`)
  const message =
    lines.length === 1 ? lines[0] : [`the config has ${problems.length} problems`, ...lines].join('\n')
  return usageError('bad-config', message ?? 'the config cannot be used', {
    hint: 'see .belt.example.yaml in the Belt package, which documents every key',
    details: { problems: shown },
  })
}
