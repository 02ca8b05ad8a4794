import { readdir } from 'node:fs/promises'
import { type InputOptions, rolldown } from 'rolldown'

/**
 * Bundles src/ and the libraries it uses into dist/: one CommonJS file for each command, for the command line and for
 * what oclif is told to load, and the parts they share. Reading hundreds of small files, and Node's ESM loader, would cost
 * more than all that a trivial command does. ssh2 stays outside, because of its native addon; so does the SDK of EC2,
 * which loads its ways to credentials itself, and whose bundle lacks exports that other parts ask for.
 */
const commands = await readdir('src/commands', { recursive: true })
const entries = [
  ...commands.filter(file => file.endsWith('.ts')).map(file => `commands/${file}`),
  'cli/main.ts',
  'cli/quick.ts',
  'cli/help.ts',
  'cli/command-not-found.ts',
]
const input: InputOptions['input'] = Object.fromEntries(
  entries.map(file => [file.replace(/\.ts$/, ''), `src/${file}`]),
)
const bundle = await rolldown({ input, platform: 'node', external: [/^ssh2/, '@aws-sdk/client-ec2'] })
await bundle.write({
  dir: 'dist',
  format: 'cjs',
  minify: true,
  keepNames: true,
  entryFileNames: '[name].cjs',
  chunkFileNames: 'parts/[name].cjs',
})
await bundle.close()
