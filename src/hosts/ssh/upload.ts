import type { Need, ShellCommand } from '../../remote/command.ts'
import { writeFileLine } from '../../remote/files.ts'

/** The command that writes a file atomically. */
export function uploadCommand(content: Uint8Array, path: string, mode: number, needs?: Need): ShellCommand {
  const shell = writeFileLine({ path, size: content.byteLength, mode })
  return { shell, stdin: content, ...(needs && { needs }) }
}
