import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('../fixtures/config/update.ts', import.meta.url))

/** What another Belt, in a process of its own, says when it makes or updates a config: nothing, or an error's code. */
export function otherBelt(cwd: string, action: 'new' | 'update', ...words: string[]): Promise<string> {
  const args = ['--import', 'tsx', SCRIPT, cwd, action, ...words]
  return new Promise(resolve => {
    execFile(process.execPath, args, { timeout: 50_000 }, (_error, _stdout, stderr) => resolve(stderr))
  })
}
