import { join } from 'node:path'
import { readText, writeText } from './files.ts'

/**
 * Configs are made to be shared, a user's own state is not. Tokens belong into the environment, so that a shared
 * config holds none.
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

/** Keeps what Belt remembers out of version control, unless the user wrote rules of their own. */
export async function ignoreState(beltFolder: string): Promise<void> {
  const path = join(beltFolder, '.gitignore')
  if ((await readText(path)) === undefined) await writeText(path, IGNORED)
}
