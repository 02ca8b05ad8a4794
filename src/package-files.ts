import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** Belt's own package.json, from wherever the code that asks was built to. */
export const packageFile = require.resolve('#package.json')

/** The path of a file or folder among the package's templates. */
export function templatePath(...names: string[]): string {
  return join(dirname(packageFile), 'templates', ...names)
}

export function packageVersion(): string {
  return require(packageFile).version
}
