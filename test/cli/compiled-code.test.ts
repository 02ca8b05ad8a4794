import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useCompiledCode } from '../../src/cli/compiled-code.ts'

const require = createRequire(import.meta.url)
const loader = Module.prototype as { _compile?: unknown }
const original = loader._compile

describe('compiled code', () => {
  let folder: string

  /** Loads a module that exports `text`, beside which that compiled code lies. */
  const load = (name: string, compiled?: Buffer): unknown => {
    const path = join(folder, `${name}.cjs`)
    writeFileSync(path, "module.exports = 'text'")
    if (compiled) writeFileSync(`${path}.v8`, compiled)
    return require(path)
  }
  const compiledOf = (source: string) => new Script(Module.wrap(source)).createCachedData()

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'belt-code-'))
    useCompiledCode()
  })
  afterAll(() => {
    loader._compile = original
    rmSync(folder, { recursive: true })
  })

  it('is what runs, where it lies beside the text', () => {
    // V8 knows the text it was made of by its length
    expect(load('kept', compiledOf("module.exports = 'kept'"))).toBe('kept')
  })

  it('is left alone where it was made of another text, or of nothing', () => {
    expect(load('longer', compiledOf("module.exports = 'longer'"))).toBe('text')
    expect(load('broken', Buffer.from('no code'))).toBe('text')
    expect(load('none')).toBe('text')
  })

  it('finds its own name, folder and modules', () => {
    const path = join(folder, 'own.cjs')
    const text = "module.exports = [__filename, require('node:path').basename(__dirname), exports === this]"
    writeFileSync(path, text)
    writeFileSync(`${path}.v8`, compiledOf(text))
    expect(require(path)).toEqual([path, folder.split('/').at(-1), true])
  })
})
