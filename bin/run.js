#!/usr/bin/env node
const { resolve } = require('node:path')

// Most commands end before code that was optimised for them has paid for its compilation; what runs for long still is
// optimised. Later Nodes have a compiler in between, and no such setting.
if (process.version.startsWith('v20.')) require('node:v8').setFlagsFromString('--interrupt-budget=500000')
require('node:module').enableCompileCache?.()

async function run(argv) {
  if (argv.length === 1 && argv[0] === '--version') {
    process.stdout.write(`belt ${require('../package.json').version}\n`)
  } else if (!(await require('../dist/cli/quick.cjs').quick(argv))) {
    await require('../dist/cli/main.cjs').main(argv, { root: resolve(__dirname, '..') })
  }
}

run(process.argv.slice(2))
