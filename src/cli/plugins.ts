import { type Interfaces, Plugin } from '@oclif/core'

/**
 * Belt's own commands. If the first word is none of them, also the commands of its plugins (completion): looking for these
 * takes as long as a short command.
 * @param word the first word of the command line
 */
export async function pluginsFor(
  word: string | undefined,
  { root, pjson }: Pick<Interfaces.Options, 'root' | 'pjson'>,
): Promise<Map<string, Plugin>> {
  const belt = new Plugin({ root, pjson, isRoot: true })
  await belt.load()
  const isOwn = belt.commandIDs.some(id => id.split(':')[0] === word)
  const names = isOwn ? [] : (belt.pjson.oclif.plugins ?? [])
  const others = names.map(name => new Plugin({ name, root }))
  await Promise.all(others.map(plugin => plugin.load()))
  return new Map([belt, ...others].map(plugin => [plugin.name, plugin]))
}
