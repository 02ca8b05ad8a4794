import { Flags } from '@oclif/core'

/** The flag that adds all managers to NODES. */
export const managersFlag = Flags.boolean({ summary: 'include all managers' })

/** The NODES of a command, with `--managers` as the group @managers. */
export function nodeWords(argv: readonly unknown[], managers: boolean): string[] {
  return [...(argv as string[]), ...(managers ? ['@managers'] : [])]
}
