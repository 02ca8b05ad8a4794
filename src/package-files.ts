import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(import.meta.url)

/** The path of Belt's own package.json, wherever the calling code was built to. */
export const packageFile = packageFileAbove(dirname(here))

/** The path of a file or folder in the package's templates. */
export function templatePath(...names: string[]): string {
  return join(dirname(packageFile), 'templates', ...names)
}

/** The running version of Belt, even if the package has been updated since. */
export const beltVersion: string = JSON.parse(readFileSync(packageFile, 'utf8')).version

function packageFileAbove(folder: string): string {
  const file = join(folder, 'package.json')
  return existsSync(file) ? file : packageFileAbove(dirname(folder))
}
