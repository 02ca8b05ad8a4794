#!/usr/bin/env node
const { enableCompileCache } = require('node:module')
const { resolve } = require('node:path')

if (enableCompileCache) enableCompileCache()
else require('../dist/cli/compiled-code.cjs').useCompiledCode()

async function run(argv) {
  if (argv.length === 1 && argv[0] === '--version') {
    process.stdout.write(`belt ${require('../package.json').version}\n`)
  } else if (!(await require('../dist/cli/quick.cjs').quick(argv))) {
    const { main } = require('../dist/cli/main.cjs')
    await main(argv, { root: resolve(__dirname, '..') }, id => require(`../dist/commands/${id}.cjs`))
  }
}

run(process.argv.slice(2))
