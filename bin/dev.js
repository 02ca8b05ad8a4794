#!/usr/bin/env node
const { resolve } = require('node:path')

const root = resolve(__dirname, '..')
const { oclif, ...rest } = require('../package.json')

/** The package with its commands and classes where they are written, whatever was built. */
async function run() {
  const tsx = await import('tsx/esm/api')
  tsx.register()
  const { start } = await import('../src/cli/start.ts')
  start()
  const { Plugin } = require('@oclif/core')
  const pjson = { ...rest, oclif: JSON.parse(JSON.stringify(oclif).replaceAll('./dist/', './src/')) }
  const plugin = new Plugin({ root, pjson, ignoreManifest: true })
  await plugin.load()
  const { main } = await import('../src/cli/main.ts')
  await main(process.argv.slice(2), { root, pjson, plugins: new Map([[plugin.name, plugin]]) })
}

run()
