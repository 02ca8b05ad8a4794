import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(import.meta.url)

/** Belt's own package.json, from wherever the code that asks was built to. */
export const packageFile = packageFileAbove(dirname(here))

/** The path of a file or folder among the package's templates. */
export function templatePath(...names: string[]): string {
  return join(dirname(packageFile), 'templates', ...names)
}

/** Belt's own version; of a process that outlives an update, the one that it runs. */
export const packageVersion: string = JSON.parse(readFileSync(packageFile, 'utf8')).version

function packageFileAbove(folder: string): string {
  const file = join(folder, 'package.json')
  return existsSync(file) ? file : packageFileAbove(dirname(folder))
}
