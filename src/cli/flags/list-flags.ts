import { Flags } from '@oclif/core'

/** The flags of commands that print a list. */
export const listFlags = {
  quiet: Flags.boolean({ char: 'q', summary: 'print only the first column, without a heading' }),
  'no-headers': Flags.boolean({ summary: 'leave out the headings' }),
  sort: Flags.string({
    helpValue: 'COLUMN',
    summary: 'sort by this column; -COLUMN sorts in descending order',
  }),
  wide: Flags.boolean({ summary: 'do not cut lines to the width of the terminal' }),
}
