import { toBytes } from '../domain/byte-text.ts'

/**
 * The line with which a login shell of any kind becomes `/bin/sh` and runs a script. bash, dash, zsh, fish and csh read
 * the line alike, because it has only characters that mean the same to all of them. No other shell stays around the script.
 */
export function posixLine(script: string): string {
  const bytes = toBytes(script).toString('latin1')
  if (/^[\x20-\x7e]*$/.test(bytes)) return `exec /bin/sh -c ${quoteForAll(bytes)}`
  // A new line, for one, ends a command of csh even in quotes. The last argument is not the script's business.
  const read = quoteForAll('eval "shift; $(printf %b "$1")"')
  return `exec /bin/sh -c ${read} /bin/sh ${quoteForAll(escaped(bytes))}`
}

/**
 * A word in single quotes, with the characters that are special there outside of them: the quote everywhere, the backslash
 * in fish, the exclamation mark in csh.
 */
function quoteForAll(text: string): string {
  return `'${text.replace(/['\\!]/g, character => `'\\${character}'`)}'`
}

/** Printable ASCII that the `%b` of printf turns into the bytes again. */
function escaped(bytes: string): string {
  return bytes.replace(
    /[^\x20-\x7e]|\\/g,
    character => `\\0${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
}
