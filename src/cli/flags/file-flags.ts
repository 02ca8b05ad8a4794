import { Flags } from '@oclif/core'
import { usageError } from '../../errors.ts'

/** The mode of a file, in octal as for chmod. */
export const modeFlag = Flags.custom<number>({
  helpValue: '0644',
  summary: 'the mode of the copies (default: the mode of the source)',
  async parse(text) {
    if (/^[0-7]{3,4}$/.test(text)) return Number.parseInt(text, 8)
    throw usageError('bad-mode', `"${text}" is not a mode`, { hint: 'write 0644 or 755' })
  },
})

/** The owner of a file, as for chown. */
export const ownerFlag = Flags.custom<string>({
  helpValue: 'USER[:GROUP]',
  summary: 'the owner of the copies on the hosts',
  async parse(text) {
    if (/^(?!-)[\w.-]*(:[\w.-]*)?$/.test(text) && text !== '' && text !== ':') return text
    throw usageError('bad-owner', `"${text}" is not an owner`, { hint: 'write USER, USER:GROUP or :GROUP' })
  },
})
