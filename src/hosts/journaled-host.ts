import { posix } from 'node:path'
import { COMMAND_RUN } from '../domain/journal-entry.ts'
import { reasonOf } from '../errors.ts'
import type { Act, Ending, Recorder } from '../record.ts'
import { type Command, notedLine } from '../remote/command.ts'
import { refusalIn } from '../remote/engine.ts'
import { mayHaveRun } from './errors.ts'
import type { Exit, Host } from './host.ts'

/** A host whose commands are recorded: all in the debug log, and those that may change something in the journal too. */
export function recordedHost(host: Host, recorder: Recorder): Host {
  const act = (what: string, command: string, journaled = true): Act => ({
    host: host.name,
    what,
    command,
    journaled,
  })
  const ofCommand = (command: Command) => act(COMMAND_RUN, notedLine(command), command.journaled)
  const noted = async <T>(of: Act, work: () => Promise<T>, endingOf: (value: T) => Ending): Promise<T> => {
    const end = await recorder.begin(of)
    try {
      const value = await work()
      await end(endingOf(value))
      return value
    } catch (error) {
      await end({ result: mayHaveRun(error) ? 'unknown' : 'failed', error: reasonOf(error) })
      throw error
    }
  }
  return {
    name: host.name,
    run: (command, options) =>
      noted(
        ofCommand(command),
        () => host.run(command, options),
        ({ stdout, stderr, ...exit }) => ({
          ...endingOf(exit, stderr || stdout, command.engine && refusalIn(stdout)),
          output: { stdout, stderr },
        }),
      ),
    stream: (command, streams, options) =>
      noted(ofCommand(command), () => host.stream(command, streams, options), endingOf),
    shell: (streams, options) =>
      noted(act('Open a shell', 'a login shell'), () => host.shell(streams, options), endingOf),
    upload: (content, path, mode, options) =>
      noted(
        act(`Write ${posix.basename(path)}`, `upload ${path}, mode ${mode.toString(8)}`),
        () => host.upload(content, path, mode, options),
        () => ({ result: 'ok' }),
      ),
    assertMay: (need, options) => host.assertMay(need, options),
    close: () => host.close(),
  }
}

/** @param words the output of the command, if it was kept */
function endingOf({ code }: Exit, words = '', refusal?: string): Ending {
  if (code !== 0) return { result: 'failed', exitCode: code, error: words }
  return refusal === undefined
    ? { result: 'ok', exitCode: code }
    : { result: 'failed', exitCode: code, error: refusal }
}
