#!/usr/bin/env node
// Older versions of Node must be able to parse this file, so that they print the sentence below and no stack trace.
const OLDEST = [20, 19]

function isTooOld() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}

/**
 * Keeps compiled code in the user's cache folder, where Node can do that (22 and newer). Node runs what it finds there, so
 * nobody else may write to it: under sudo, the home folder may be another user's.
 */
function cacheCompiledCode() {
  const { enableCompileCache } = require('node:module')
  if (!enableCompileCache) return
  const { chmodSync, lstatSync, mkdirSync } = require('node:fs')
  const { homedir } = require('node:os')
  const { join } = require('node:path')
  try {
    const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'belt')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const status = lstatSync(folder)
    if (!status.isDirectory() || (process.geteuid && status.uid !== process.geteuid())) return
    chmodSync(folder, 0o700)
    enableCompileCache(folder)
  } catch {
    // a user without a home folder: Belt only starts a little slower
  }
}

async function run(argv) {
  require('../dist/cli/start.cjs').start()
  if (argv.length === 1 && ['--version', '-v', 'version'].includes(argv[0])) {
    process.stdout.write(`belt ${require('../package.json').version}\n`)
  } else if (!(await require('../dist/cli/fast-path.cjs').fastPath(argv))) {
    const { resolve } = require('node:path')
    const options = { root: resolve(__dirname, '..'), pjson: require('../package.json') }
    await require('../dist/cli/main.cjs').main(argv, options)
  }
}

if (isTooOld()) {
  process.stderr.write(
    `Belt needs Node ${OLDEST.join('.')} or newer; this is Node ${process.versions.node}.\n`,
  )
  process.exitCode = 3 // as every failed precheck
} else {
  cacheCompiledCode()
  run(process.argv.slice(2))
}
