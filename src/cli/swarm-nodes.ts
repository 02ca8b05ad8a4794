import { Flags } from '@oclif/core'

/** The flag that stands for all managers, as NODES. */
export const managersFlag = Flags.boolean({ summary: 'include all managers' })

/** The words of a command on nodes, with `--managers` written as the group that it means. */
export function nodeWords(argv: readonly unknown[], managers: boolean): string[] {
  return [...(argv as string[]), ...(managers ? ['@managers'] : [])]
}
