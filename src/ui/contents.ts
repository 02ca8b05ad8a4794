import type { HostContents } from '../operations/machines/contents.ts'

/** How many names a line shows. */
const SHOWN = 5

/** The containers that a drain leaves where they are, a line for each host. */
export function describeLeft(contents: readonly HostContents[]): string {
  return contents
    .map(({ name, containers, unknown }) =>
      unknown === undefined
        ? `${name} keeps running what no service started: ${namesOf(containers)}`
        : cannotTell(name, unknown),
    )
    .join('\n')
}

/** What is lost with machines, a line for each host. */
export function describeLost(contents: readonly HostContents[]): string {
  return contents
    .map(({ name, containers, volumes, unknown }) => {
      if (unknown !== undefined) return cannotTell(name, unknown)
      const parts = [
        ...(containers.length > 0 ? [`containers that no service started (${namesOf(containers)})`] : []),
        ...(volumes.length > 0 ? [`volumes (${namesOf(volumes)})`] : []),
      ]
      return `lost with ${name}: ${parts.join(', ')}`
    })
    .join('\n')
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ')
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown
}

function cannotTell(name: string, why: string): string {
  return `cannot tell which containers and volumes ${name} has: ${why}`
}
