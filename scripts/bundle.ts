import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type ChunkingContext, rolldown } from 'rolldown'

/**
 * Bundles src/ and the libraries it uses into dist/: one CommonJS file for each command, for the command line and for
 * what oclif is told to load, and the parts they share. Reading hundreds of small files, and Node's ESM loader, would cost
 * more than all that a trivial command does. The native addon of ssh2 stays outside; so does the
 * SDK of EC2, which loads its ways to credentials itself, and whose bundle lacks exports that other parts ask for.
 */
const LOADED_TOGETHER: Readonly<Record<string, readonly string[]>> = {
  start: ['cli/start.ts'],
  'fast-path': ['cli/fast-path.ts'],
  document: ['config/document.ts'],
  main: ['cli/main.ts', 'cli/compose.ts', 'commands/exec.ts', 'drivers/static/module.ts'],
  ssh: ['hosts/ssh/ssh-hosts.ts'],
}
const ADDON = 'ssh2/lib/protocol/crypto/build/Release/sshcrypto.node'
/** What Belt takes from oclif, whose own index loads all else as well, and looks up the version of Node. */
const OCLIF = `
export * as Args from '@oclif/core/args'
export { Command } from '@oclif/core/command'
export { Config, Plugin } from '@oclif/core/config'
export * as Errors from '@oclif/core/errors'
export * as Flags from '@oclif/core/flags'
export { CommandHelp, Help } from '@oclif/core/help'
export { run } from '@oclif/core/run'
`
/**
 * Libraries that oclif and ssh2 load at once, but call in few commands or in none, and the function that they call ('' where the
 * library is one function). Here the first call loads them.
 */
const LATE: Readonly<Record<string, string>> = {
  'bcrypt-pbkdf': 'pbkdf',
  'clean-stack': '',
  ejs: 'render',
  lilconfig: 'lilconfig',
  minimatch: 'minimatch',
  'string-width': '',
  tinyglobby: 'glob',
  'widest-line': '',
  'wrap-ansi': '',
}
const LATE_CALLERS = /\/node_modules\/(@oclif\/core|ssh2)\/lib\//
const commands = await readdir('src/commands', { recursive: true })
const entries = [
  ...commands.filter(file => file.endsWith('.ts')).map(file => `commands/${file}`),
  'cli/start.ts',
  'cli/main.ts',
  'cli/fast-path.ts',
  'cli/help.ts',
  'cli/command-not-found.ts',
]
const input = Object.fromEntries([
  ...entries.map(file => [file.replace(/\.ts$/, ''), `src/${file}`]),
  ...Object.keys(LATE).map(name => [`parts/late/${name}`, `late-entry:${name}`]),
])
const bundle = await rolldown({
  input,
  platform: 'node',
  makeAbsoluteExternalsRelative: false,
  preserveEntrySignatures: 'allow-extension',
  // a module may be loaded late by one command that another needs from its start
  checks: { ineffectiveDynamicImport: false },
  external: ['@aws-sdk/client-ec2', 'cpu-features'],
  plugins: [
    {
      name: 'ssh2-addon',
      resolveId(source) {
        return source.endsWith('/sshcrypto.node') ? { id: ADDON, external: true } : undefined
      },
    },
    {
      name: 'parts-of-oclif',
      resolveId(source) {
        return source === '@oclif/core' ? { id: '\0oclif', moduleSideEffects: false } : undefined
      },
      load(id) {
        return id === '\0oclif' ? OCLIF : undefined
      },
    },
    {
      name: 'late-libraries',
      resolveId(source, importer) {
        if (source.startsWith('late-entry:')) return source
        if (source.startsWith('./late/')) return { id: source, external: true }
        if (source in LATE && LATE_CALLERS.test(importer ?? '')) return `late-call:${source}.cjs`
        return undefined
      },
      load(id) {
        const [kind, rest = ''] = id.split(':')
        if (kind === 'late-entry') return `module.exports = require('${rest}')`
        if (kind === 'late-call') return lateCall(rest.replace(/\.cjs$/, ''))
        return undefined
      },
    },
  ],
})
let together: Map<string, string> | undefined
await bundle.write({
  dir: 'dist',
  format: 'cjs',
  exports: 'named',
  minify: true,
  keepNames: true,
  entryFileNames: '[name].cjs',
  chunkFileNames: 'parts/[name].cjs',
  codeSplitting: {
    groups: [
      {
        debugName: 'loaded together',
        includeDependenciesRecursively: false,
        name(id, context) {
          together ??= partsLoadedTogether(context)
          return together.get(id) ?? null
        },
      },
    ],
  },
})
await bundle.close()

/** A module with the one function, which loads the library at its first call: from beside the parts, where its callers are. */
function lateCall(name: string): string {
  const member = LATE[name] === '' ? '' : `.${LATE[name]}`
  return `module.exports${member} = (...args) => require('./late/${name}.cjs')${member}(...args)`
}

/** By module, the part that it belongs to: the first one whose modules import it, directly or not. */
function partsLoadedTogether(context: ChunkingContext): Map<string, string> {
  const parts = new Map<string, string>()
  for (const [part, files] of Object.entries(LOADED_TOGETHER)) {
    const open = files.map(file => resolve('src', file))
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (parts.has(id)) continue
      parts.set(id, part)
      open.push(...(context.getModuleInfo(id)?.importedIds ?? []))
    }
  }
  return parts
}
