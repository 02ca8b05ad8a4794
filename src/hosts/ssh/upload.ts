import type { ShellCommand } from '../../remote/command.ts'
import { writeFileLine } from '../../remote/files.ts'

/** Writes a file, complete or not at all. */
export function uploadCommand(content: Uint8Array, path: string, mode: number): ShellCommand {
  return { shell: writeFileLine({ path, size: content.byteLength, mode }), stdin: content }
}
