import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ProcessCommand } from '../remote/command.ts'
import { Collector } from './collector.ts'
import type { Host, StreamOptions } from './host.ts'
import { RemoteCommandError } from './run-checked.ts'

const MAX_MESSAGE_BYTES = 64 * 1024

/**
 * Runs a command that is expected to succeed, and hands on what it prints, byte for byte and however much it is.
 * @param output ended when all of it was handed over, destroyed when the command failed
 * @throws RemoteCommandError when it ends with another code than 0; HostError when its end was not seen
 */
export async function receive(
  host: Host,
  command: ProcessCommand,
  output: Writable,
  { stdin, ...options }: StreamOptions & { stdin?: Readable } = {},
): Promise<void> {
  const start = performance.now()
  const stderr = new Collector(MAX_MESSAGE_BYTES)
  const handedOver = finished(output)
  handedOver.catch(() => {})
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
  await handedOver
}
