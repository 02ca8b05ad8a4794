/** What was changed in the settings of the swarm, one line each. */
export function settingsText(changes: readonly string[]): string {
  return `${changes.join('\n') || 'nothing to change'}\n`
}

/** An unlock key, as it is shown once on a terminal. */
export function unlockKeyText(key: string): string {
  return `The unlock key, shown once:\n\n    ${key}\n\n`
}
