import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parse } from 'yaml'
import { usageError } from '../errors.ts'
import { templatePath } from '../package-files.ts'
import { suggestion } from './explain.ts'

interface PresetFile {
  /** Presets that it builds on. */
  readonly includes?: readonly string[]
  readonly sysctl: Readonly<Record<string, string | number>>
}

/**
 * The kernel settings of a preset, by key, those that it builds on included.
 * @throws a usage error when there is none of that name
 */
export async function kernelPreset(name: string): Promise<Record<string, string | number>> {
  const names = await presetNames()
  if (!names.includes(name)) {
    throw usageError(
      'unknown-preset',
      `there is no preset ${JSON.stringify(name)}, ${suggestion(name, names)}`,
    )
  }
  const text = await readFile(templatePath('sysctl', `${name}.yml`), 'utf8')
  const { includes = [], sysctl } = parse(text) as PresetFile
  return Object.assign({}, ...(await Promise.all(includes.map(kernelPreset))), sysctl)
}

/** The presets there are. */
export async function presetNames(): Promise<string[]> {
  return (await readdir(templatePath('sysctl'))).map(file => basename(file, '.yml')).sort()
}
