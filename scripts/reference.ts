import { Config } from '@oclif/core'
import { differences, writePages } from './reference/files.ts'
import { referencePages } from './reference/pages.ts'

/**
 * Writes docs/reference from the help of the built commands.
 * With `--check` nothing is written: files that differ, are missing or are left over end with exit code 1.
 */
const folder = 'docs/reference'
const config = await Config.load(process.cwd())
const own = config.commands.filter(command => command.pluginName === config.name && !command.hidden)
const pages = referencePages(own, config)

if (!process.argv.includes('--check')) {
  await writePages(folder, pages)
} else {
  const stale = await differences(folder, pages)
  for (const line of stale) process.stderr.write(`${folder}/${line}\n`)
  if (stale.length > 0) {
    process.stderr.write('the command reference is out of date; run: npm run docs\n')
    process.exitCode = 1
  }
}
