import { parse } from 'yaml'

/** What cloud-init would run at the first start, in its order: scripts of user data, then what `runcmd` lists. */
export function scriptsOf(userData: string): string[] {
  const parts = partsOf(userData)
  const scripts = parts.filter(text => text.startsWith('#!'))
  const runcmd = parts.filter(text => text.startsWith('#cloud-config')).flatMap(commandsOf)
  return runcmd.length > 0 ? [...scripts, ['#!/bin/sh', ...runcmd].join('\n')] : scripts
}

/** The parts of MIME user data, nested ones too; the whole where it is none. Those in jinja name hosts only. */
function partsOf(text: string): string[] {
  const boundary = /^Content-Type: multipart\/\w+; boundary="([^"]+)"$/im.exec(headOf(text))?.[1]
  if (boundary === undefined) return [text]
  const [, ...pieces] = text.split(new RegExp(`^--${boundary}(?:--)?\\r?\\n?`, 'm'))
  return pieces
    .filter(piece => piece.trim() !== '')
    .flatMap(piece => partsOf(/multipart/i.test(headOf(piece)) ? piece : piece.slice(headOf(piece).length)))
}

/** The lines with a colon that MIME begins with, and the empty one behind them. */
function headOf(text: string): string {
  return /^(?:(?:MIME-Version|Content-[\w-]+):.*\n)+\n/i.exec(text)?.[0] ?? ''
}

function commandsOf(text: string): string[] {
  const { runcmd = [] } = (parse(text) ?? {}) as { runcmd?: (string | string[])[] }
  return runcmd.map(entry =>
    typeof entry === 'string' ? entry : entry.map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' '),
  )
}
