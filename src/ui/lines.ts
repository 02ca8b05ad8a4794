import { line } from '../domain/shown.ts'

/** Values for scripts, one a line. */
export function lines(values: readonly string[]): string {
  return values.map(value => line`${value}\n`).join('')
}
