import { BeltError } from '../errors.ts'
import { type Command, commandLine } from '../remote/command.ts'
import type { Host, Result, RunOptions } from './host.ts'

const SHOWN_LINES = 10

/**
 * The messages of Docker's client if no engine answers: older clients report what their template lacks, and
 * `docker system dial-stdio` what is wrong with the socket.
 */
const NO_ENGINE =
  /^template: .*nil pointer to embedded struct field Info$|^failed to open the raw stream connection: dial .*: (no such file or directory|connection refused)$/

/** A command ended with an exit code other than 0. */
export class RemoteCommandError extends BeltError {
  readonly result: Result

  constructor(host: string, command: Command, result: Result) {
    const output = inPlainWords(lastLines(result.stderr.trim() || result.stdout.trim()))
    super('remote-command-failed', `${host}: ${output || `exit code ${result.code}`}`, {
      host,
      hint: `command: ${commandLine(command)} (exit code ${result.code})`,
      details: { command: commandLine(command), exitCode: result.code },
    })
    this.result = result
  }
}

/**
 * Runs a command that is expected to succeed.
 * @throws RemoteCommandError for an exit code other than 0; HostError if its end was not seen
 */
export async function runChecked(host: Host, command: Command, options?: RunOptions): Promise<Result> {
  const result = await host.run(command, options)
  if (result.code !== 0) throw new RemoteCommandError(host.name, command, result)
  return result
}

/** The message of Docker's client, or a plain one if the engine did not answer. */
export function inPlainWords(output: string): string {
  return NO_ENGINE.test(output) ? 'its Docker Engine does not answer' : output
}

function lastLines(text: string): string {
  return text.split('\n').slice(-SHOWN_LINES).join('\n')
}
