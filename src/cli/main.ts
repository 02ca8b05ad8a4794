import { renderError } from '../ui/error.ts'
import { arrange } from './arguments.ts'
import { exitCodeOf } from './exit-code.ts'

/**
 * Runs the command line and ends the process with its exit code.
 * @param argv the words behind `belt`
 * @param root the package's folder
 */
export async function main(argv: string[], root: string): Promise<never> {
  process.stdout.on('error', endOnClosedPipe)
  const { Errors, flush, run } = await import('@oclif/core')
  try {
    await run(arrange(argv), root)
    await flush()
  } catch (error) {
    if (error instanceof Errors.ExitError) process.exit(error.oclif.exit)
    process.stderr.write(renderError(error, { debug: argv.includes('--debug'), stream: process.stderr }))
    process.exitCode = exitCodeOf(error)
  }
  process.exit()
}

/** `belt ls | head -1` closes the pipe early, and means it. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit()
  throw error
}
