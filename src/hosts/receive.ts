import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ProcessCommand } from '../remote/command.ts'
import { Collector } from './collector.ts'
import type { Host, StreamOptions } from './host.ts'
import { RemoteCommandError } from './run-checked.ts'

const MAX_MESSAGE_BYTES = 64 * 1024

/**
 * Runs a command that is expected to succeed, and streams its output unchanged, whatever its size.
 * @param output ended when all output was written, destroyed if the command failed
 * @throws RemoteCommandError for an exit code other than 0; HostError if its end was not seen
 */
export async function receive(
  host: Host,
  command: ProcessCommand,
  output: Writable,
  { stdin, ...options }: StreamOptions & { stdin?: Readable } = {},
): Promise<void> {
  const start = performance.now()
  const stderr = new Collector(MAX_MESSAGE_BYTES)
  const written = finished(output)
  written.catch(() => {})
  try {
    const exit = await host.stream(command, { stdout: output, stderr, ...(stdin && { stdin }) }, options)
    if (exit.code !== 0) {
      const durationMs = performance.now() - start
      throw new RemoteCommandError(host.name, command, {
        ...exit,
        stdout: '',
        stderr: stderr.text(),
        durationMs,
        truncated: stderr.truncated,
      })
    }
  } catch (error) {
    output.destroy()
    throw error
  }
  output.end()
  await written
}
