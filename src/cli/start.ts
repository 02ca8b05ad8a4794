import { ExitCode, reasonOf } from '../errors.ts'
import { interruption } from './interruption.ts'

/**
 * Prepares the process before anything slow is loaded, so that no signal and no failing output ends it without a word from
 * Belt.
 */
export function start(): void {
  interruption.listen()
  process.stdout.on('error', error => {
    endOnClosedPipe(error)
    process.stderr.write(`belt: cannot write the output: ${reasonOf(error)}\n`)
    process.exit(ExitCode.failed)
  })
  process.stderr.on('error', error => {
    endOnClosedPipe(error)
    process.exit(ExitCode.failed)
  })
}

/** Readers such as `head -1` close the pipe early on purpose. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit()
}
