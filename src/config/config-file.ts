import { readRegularFile } from '../regular-file.ts'
import { unlessMissing } from './files.ts'
import { trustCheck } from './trust.ts'

/** A thousand times as much as a long config. */
const MAX_BYTES = 4 * 1024 * 1024

/** A config file, and how Belt came to it. */
export interface ConfigFile {
  readonly configPath: string
  /** Whether the user named the file. It may then belong to anybody, as the user chose it. */
  readonly isNamed?: boolean
}

/**
 * Reads a config's text.
 * @returns undefined if the file does not exist
 * @throws `unsafe-file` if Belt found the file and others can change it; `unreadable-file`
 */
export async function readConfigText({ configPath, isNamed }: ConfigFile): Promise<string | undefined> {
  const check = isNamed ? undefined : await trustCheck(configPath)
  const bytes = await unlessMissing(configPath, readRegularFile(configPath, MAX_BYTES, check))
  return bytes?.toString('utf8')
}
