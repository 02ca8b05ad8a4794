import { readFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { constants, Script } from 'node:vm'

/** Stands behind the name of a file of code; the file of that name holds what V8 made of it. */
const COMPILED = '.v8'

/** What Node's loader makes a module of its text with; private there, so that it may be missing. */
interface Loader {
  _compile?(this: Module, source: string, path: string): unknown
}

/**
 * Lets modules be loaded as V8 compiled them when Belt was built, where that is kept beside them, which takes a third of the
 * time; later Nodes keep such code themselves. V8 looks whether it made the code, and for the same text: of another
 * version, or with other flags, it compiles the text as always.
 */
export function useCompiledCode(): void {
  const loader = Module.prototype as Loader
  const { _compile: compile } = loader
  if (typeof compile !== 'function') return
  loader._compile = function (source, path) {
    const cachedData = compiled(path)
    if (!cachedData) return compile.call(this, source, path)
    const script = new Script(Module.wrap(source), {
      filename: path,
      cachedData,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    })
    const run = script.runInThisContext()
    return run.call(this.exports, this.exports, createRequire(path), this, path, dirname(path))
  }
}

function compiled(path: string): Buffer | undefined {
  if (!path.endsWith('.cjs')) return undefined
  try {
    return readFileSync(path + COMPILED)
  } catch {
    return undefined
  }
}
