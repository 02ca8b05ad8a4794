import { Flags } from '@oclif/core'
import { parseDuration } from '../../domain/duration.ts'
import { usageError } from '../../errors.ts'

/** A flag that takes a duration. Its value is in milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: '30s',
  async parse(text) {
    const milliseconds = parseDuration(text)
    if (milliseconds === undefined) {
      throw usageError('bad-duration', `"${text}" is not a duration`, { hint: 'write 30s, 10m or 1h30m' })
    }
    return milliseconds
  },
})
