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
  try {
    const words = arrange(exactArguments(argv))
    await run(words, { ...options, plugins: options.plugins ?? (await pluginsFor(words[0], options)) })
  } catch (error) {
    if (error instanceof Errors.ExitError) process.exitCode = error.oclif.exit
    else report(error, argv)
  }
  await Promise.all([process.stdout, process.stderr].map(flushed))
  process.exit()
}

function report(error: unknown, argv: readonly string[]): void {
  process.stderr.write(renderError(error, { debug: argv.includes('--debug'), stream: process.stderr }))
  process.exitCode = exitCodeOf(error)
}
