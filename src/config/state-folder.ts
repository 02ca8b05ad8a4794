import { join } from 'node:path'
import { readText, writeText } from './files.ts'

/**
 * Configs are meant to be shared; a user's own state is not. Tokens belong in the environment, so that shared configs
 * contain none.
 */
const IGNORED = `# Written by Belt. Commit the clusters' configs, and keep tokens in the environment.
active
creates.ndjson
failed
known_hosts
lock
log/
schema.json
*.lock
*.tmp
`

/** Keeps Belt's own state out of version control, unless a .gitignore already exists. */
export async function ignoreState(beltFolder: string): Promise<void> {
  const path = join(beltFolder, '.gitignore')
  if ((await readText(path)) === undefined) await writeText(path, IGNORED)
}
