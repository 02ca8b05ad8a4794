const { writeFileSync } = require('node:fs')
const Module = require('node:module')
const { dirname, resolve, sep } = require('node:path')
const { constants, Script } = require('node:vm')

/*
 * To be loaded before a run of Belt: keeps what V8 compiled of each file of dist/, and what of it was compiled later
 * because it was used, beside that file, where src/cli/compiled-code.ts looks for it.
 */
const DIST = resolve(__dirname, '..', 'dist') + sep

// a change of flags would make V8 refuse the code at the next start
require('node:v8').setFlagsFromString = () => {}

const scripts = new Map()
const { _compile: compile } = Module.prototype

Module.prototype._compile = function (source, path) {
  if (!path.startsWith(DIST)) return compile.call(this, source, path)
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  const script = new Script(Module.wrap(source), { filename: path, importModuleDynamically })
  scripts.set(path, script)
  const run = script.runInThisContext()
  return run.call(this.exports, this.exports, Module.createRequire(path), this, path, dirname(path))
}

process.on('exit', () => {
  for (const [path, script] of scripts) writeFileSync(`${path}.v8`, script.createCachedData())
})
