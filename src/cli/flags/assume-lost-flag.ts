import { Flags } from '@oclif/core'
import { expand } from '../../domain/ranges.ts'

/** Managers that do not answer and that the user knows to be lost. */
export const assumeLostFlag = Flags.string({
  multiple: true,
  helpValue: 'NODES',
  summary: 'managers that you know are lost for good: machine names, addresses or node ids',
})

const ADDRESS_OR_ID = /^([\d.]+|[a-z0-9]{25})$/

/** The names, addresses and ids in `--assume-lost`, with ranges expanded. */
export function lostNodes(words: readonly string[] = []): string[] {
  return words
    .flatMap(word => (/\[/.test(word) ? [word] : word.split(',')))
    .flatMap(word => (ADDRESS_OR_ID.test(word) ? [word] : expand(word, 'host')))
}
