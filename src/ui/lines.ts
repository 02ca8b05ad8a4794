/** Values for scripts, one a line. */
export function lines(values: readonly string[]): string {
  return values.map(value => `${value}\n`).join('')
}
