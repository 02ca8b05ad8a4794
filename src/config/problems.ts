import { type BeltError, usageError } from '../errors.ts'

/** One problem in a config. */
export interface Problem {
  /** `FILE:LINE:COLUMN`, both counted from 1, or `environment NAME`. */
  readonly where: string
  readonly message: string
}

/** Reports all problems of a config as one error, one per line. */
export function badConfig(problems: readonly Problem[]): BeltError {
  const lines = problems.map(({ where, message }) => `${where}: ${message}`)
  const message =
    lines.length === 1 ? lines[0] : [`the config has ${lines.length} problems`, ...lines].join('\n')
  return usageError('bad-config', message ?? 'the config cannot be used', {
    hint: 'see .belt.example.yaml in the Belt package, which documents every key',
    details: { problems },
  })
}
