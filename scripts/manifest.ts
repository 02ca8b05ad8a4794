import { writeFile } from 'node:fs/promises'
import { Plugin } from '@oclif/core'

/** Writes oclif.manifest.json: what every command is called and takes, read without loading any of them. */
const root = process.cwd()
const plugin = new Plugin({
  root,
  ignoreManifest: true,
  errorOnManifestCreate: true,
  respectNoCacheDefault: true,
})
await plugin.load()
await writeFile('oclif.manifest.json', `${JSON.stringify(plugin.manifest)}\n`)
