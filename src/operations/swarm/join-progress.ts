import type { Answer } from '../../hosts/fan-out.ts'
import type { Fleet } from '../fleet.ts'
import type { JoinPace } from './join-pace.ts'

/** Shows the progress and the speed of joins. */
export interface JoinCount {
  answered(answer: Answer<unknown>): void
  /**
   * Ends the count.
   * @returns the answers unchanged
   */
  ended<T>(answers: Answer<T>[]): Answer<T>[]
}

/**
 * Counts joins as their answers arrive.
 * @param pace how many workers join at once; absent for managers, which join one at a time
 */
export function countJoins(
  { progress, clock }: Pick<Fleet, 'progress' | 'clock'>,
  total: number,
  pace?: JoinPace,
): JoinCount {
  const task = progress.start('Joining', total)
  const start = clock.now()
  let count = 0
  const rate = () => `${((count * 1000) / (clock.now() - start)).toFixed(1)} a second`
  return {
    answered({ host }) {
      count += 1
      const limit = pace ? `, at most ${pace.atOnce} at once` : ''
      task.step(`${host}, ${rate()}${limit}`)
    },
    ended(answers) {
      const failures = answers.filter(({ ok }) => !ok).length
      if (failures > 0) task.fail(`${failures} of ${answers.length} failed, ${rate()}`)
      else task.done(rate())
      return answers
    },
  }
}
