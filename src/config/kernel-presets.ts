import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parse } from 'yaml'
import { usageError } from '../errors.ts'
import { templatePath } from '../package-files.ts'
import { suggestion } from './explain.ts'

interface PresetFile {
  /** Presets that this one extends. */
  readonly includes?: readonly string[]
  readonly sysctl: Readonly<Record<string, string | number>>
}

/**
 * The kernel settings of a preset by key, including those of the presets it extends.
 * @throws a usage error if no preset has that name
 */
export async function kernelPreset(name: string): Promise<Record<string, string | number>> {
  const names = await presetNames()
  if (!names.includes(name)) {
    throw usageError('unknown-preset', `no such preset: ${JSON.stringify(name)}, ${suggestion(name, names)}`)
  }
  const text = await readFile(templatePath('sysctl', `${name}.yml`), 'utf8')
  const { includes = [], sysctl } = parse(text) as PresetFile
  return Object.assign({}, ...(await Promise.all(includes.map(kernelPreset))), sysctl)
}

/** The names of all presets. */
export async function presetNames(): Promise<string[]> {
  return (await readdir(templatePath('sysctl'))).map(file => basename(file, '.yml')).sort()
}
