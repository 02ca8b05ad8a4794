/** The address of a host's own name if no network address is listed for it, as on Debian. */
const OWN_ADDRESS = '127.0.1.1'

/**
 * Updates the text of an `/etc/hosts` for a renamed host. Replaces the old name, keeping its domain, or adds a line for the
 * new name. Does not change `localhost` lines and comments.
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

/** Replaces whole names, with or without a domain, outside of comments. */
function replaceName(line: string, from: string, to: string): string {
  const [entry = '', ...comment] = line.split('#')
  const words = entry.split(/(\s+)/).map((word, index) => {
    if (index === 0 || (word !== from && !word.startsWith(`${from}.`))) return word
    return to + word.slice(from.length)
  })
  return [words.join(''), ...comment].join('#')
}
