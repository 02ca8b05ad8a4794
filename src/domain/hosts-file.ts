/** Where a host finds its own name when no address of its network is listed for it, as Debian has it. */
const OWN_ADDRESS = '127.0.1.1'

/**
 * The text of an `/etc/hosts` after its host is renamed: the new name, with its domain, stands where the old one
 * stood, or in a line of its own. Lines of `localhost` and comments stay as they are.
 */
export function renameInHosts(text: string, from: string, to: string): string {
  const lines = text.replace(/\n*$/, '').split('\n')
  if (lines.some(line => namesOf(line).includes(to))) return text
  const renamed = lines.map(line => (isLocalhost(line) ? line : replaceName(line, from, to)))
  const isListed = renamed.some(line => namesOf(line).includes(to))
  return [...renamed, ...(isListed ? [] : [`${OWN_ADDRESS}\t${to}`]), ''].join('\n')
}

function namesOf(line: string): string[] {
  return line.replace(/#.*/, '').trim().split(/\s+/).slice(1)
}

function isLocalhost(line: string): boolean {
  return namesOf(line).includes('localhost')
}

/** Replaces whole names in the part of a line that is no comment, the short one and the one with a domain. */
function replaceName(line: string, from: string, to: string): string {
  const [entry = '', ...comment] = line.split('#')
  const words = entry.split(/(\s+)/).map((word, index) => {
    if (index === 0 || (word !== from && !word.startsWith(`${from}.`))) return word
    return to + word.slice(from.length)
  })
  return [words.join(''), ...comment].join('#')
}
