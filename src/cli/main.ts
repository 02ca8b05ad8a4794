import { Errors, type Interfaces, run } from '@oclif/core'
import { renderError } from '../ui/error.ts'
import { flushed } from '../ui/output.ts'
import { arrange } from './arguments.ts'
import { exitCodeOf } from './exit-code.ts'
import { pluginsFor } from './plugins.ts'

/**
 * Runs the command line and ends the process with its exit code.
 * @param argv the words that follow `belt`
 * @param options where the package is
 */
export async function main(argv: string[], options: Interfaces.Options): Promise<never> {
  const outputs = [process.stdout, process.stderr]
  for (const output of outputs) output.on('error', endOnClosedPipe)
  try {
    const words = arrange(argv)
    await run(words, { ...options, plugins: options.plugins ?? (await pluginsFor(words[0], options)) })
  } catch (error) {
    if (error instanceof Errors.ExitError) process.exitCode = error.oclif.exit
    else tell(error, argv)
  }
  await Promise.all(outputs.map(flushed))
  process.exit()
}

function tell(error: unknown, argv: readonly string[]): void {
  process.stderr.write(renderError(error, { debug: argv.includes('--debug'), stream: process.stderr }))
  process.exitCode = exitCodeOf(error)
}

/** `belt ls | head -1` closes the pipe early, and means it. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit()
  throw error
}
