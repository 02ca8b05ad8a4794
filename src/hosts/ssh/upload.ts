import type { ShellCommand } from '../../remote/command.ts'
import { writeFileLine } from '../../remote/files.ts'

/** The command that writes a file atomically. */
export function uploadCommand(content: Uint8Array, path: string, mode: number): ShellCommand {
  return { shell: writeFileLine({ path, size: content.byteLength, mode }), stdin: content }
}
