#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const argv = process.argv.slice(2)

if (argv.length === 1 && argv[0] === '--version') {
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  process.stdout.write(`belt ${version}\n`)
} else {
  const { main } = await import('../dist/cli/main.js')
  await main(argv, root)
}
