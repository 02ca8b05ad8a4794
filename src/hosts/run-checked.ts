import { BeltError } from '../errors.ts'
import { type Command, commandLine } from '../remote/command.ts'
import type { Host, Result, RunOptions } from './host.ts'

const SHOWN_LINES = 10

/** Older clients of Docker do not tell that no engine answered them, but what their template then lacks. */
const NO_ENGINE = /^template: .*nil pointer to embedded struct field Info$/

/** A command ended with another code than 0. */
export class RemoteCommandError extends BeltError {
  readonly result: Result

  constructor(host: string, command: Command, result: Result) {
    const output = inPlainWords(lastLines(result.stderr.trim() || result.stdout.trim()))
    super('remote-command-failed', `${host}: ${output || `exit code ${result.code}`}`, {
      host,
      hint: `it was: ${commandLine(command)} (exit code ${result.code})`,
      details: { command: commandLine(command), exitCode: result.code },
    })
    this.result = result
  }
}

/**
 * Runs a command that is expected to succeed.
 * @throws RemoteCommandError when it ends with another code than 0; HostError when its end was not seen
 */
export async function runChecked(host: Host, command: Command, options?: RunOptions): Promise<Result> {
  const result = await host.run(command, options)
  if (result.code !== 0) throw new RemoteCommandError(host.name, command, result)
  return result
}

function inPlainWords(output: string): string {
  return NO_ENGINE.test(output) ? 'its Docker Engine does not answer' : output
}

function lastLines(text: string): string {
  return text.split('\n').slice(-SHOWN_LINES).join('\n')
}
