import { Errors, type Interfaces, run } from '@oclif/core'
import { renderError } from '../ui/error.ts'
import { flushed } from '../ui/output.ts'
import { arrange } from './arguments.ts'
import { exactArguments } from './exact-arguments.ts'
import { exitCodeOf } from './exit-code.ts'
import { pluginsFor } from './plugins.ts'

/**
 * Runs the command line and ends the process with its exit code.
 * @param argv the arguments after `belt`
 * @param options the location of the package
 */
export async function main(argv: string[], options: Interfaces.Options): Promise<never> {
  const outputs = [process.stdout, process.stderr]
  for (const output of outputs) output.on('error', endOnClosedPipe)
  try {
    const words = arrange(exactArguments(argv))
    await run(words, { ...options, plugins: options.plugins ?? (await pluginsFor(words[0], options)) })
  } catch (error) {
    if (error instanceof Errors.ExitError) process.exitCode = error.oclif.exit
    else report(error, argv)
  }
  await Promise.all(outputs.map(flushed))
  process.exit()
}

function report(error: unknown, argv: readonly string[]): void {
  process.stderr.write(renderError(error, { debug: argv.includes('--debug'), stream: process.stderr }))
  process.exitCode = exitCodeOf(error)
}

/** Readers such as `head -1` close the pipe early on purpose. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit()
  throw error
}
