import type { Environment } from './environment.ts'
import type { Fault } from './explain.ts'
import { variableOf } from './variable-name.ts'

/** Renamed keys, by section: the present name and the former one, which still works. */
const FORMER_KEYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ssh: { agent: 'keep_warm' },
}

/** The name that a key had before; undefined for a key that was never renamed. */
export function formerKeyOf(section: string, key: string): string | undefined {
  return FORMER_KEYS[section]?.[key]
}

/**
 * Renames former keys in a config's data to their present names.
 * @returns one fault for each key that is set under both names, in the file or in the environment
 */
export function renameFormerKeys(data: Record<string, unknown>, environment: Environment): Fault[] {
  return Object.entries(FORMER_KEYS).flatMap(([section, keys]) =>
    Object.entries(keys).flatMap(([key, former]) => {
      const settings = settingsIn(data, section)
      const inFile = [key, former].every(name => Object.hasOwn(settings, name))
      const inEnvironment = [key, former].every(name => environment[variableOf(section, name)])
      if (Object.hasOwn(settings, former)) settings[key] ??= settings[former]
      delete settings[former]
      return [
        ...(inFile ? [setTwice(section, key, `${section}.${former}`, `${section}.${key}`)] : []),
        ...(inEnvironment
          ? [setTwice(section, key, variableOf(section, former), variableOf(section, key))]
          : []),
      ]
    }),
  )
}

function settingsIn(data: Record<string, unknown>, section: string): Record<string, unknown> {
  const settings = data[section]
  return typeof settings === 'object' && settings !== null ? (settings as Record<string, unknown>) : {}
}

function setTwice(section: string, key: string, former: string, present: string): Fault {
  return {
    path: [section, key],
    message: `both ${present} and ${former} are set: ${former} is the former name, remove it`,
  }
}
