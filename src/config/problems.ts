import { type BeltError, usageError } from '../errors.ts'

/** One thing that is wrong with a config. */
export interface Problem {
  /** `FILE:LINE:COLUMN`, both counted from 1, or `environment NAME`. */
  readonly where: string
  readonly message: string
}

/** All problems of a config as one error, each on a line of its own. */
export function badConfig(problems: readonly Problem[]): BeltError {
  const lines = problems.map(({ where, message }) => `${where}: ${message}`)
  const message =
    lines.length === 1 ? lines[0] : [`the config has ${lines.length} problems`, ...lines].join('\n')
  return usageError('bad-config', message ?? 'the config cannot be used', {
    hint: '.belt.example.yaml, which comes with Belt, explains every key',
    details: { problems },
  })
}
