/**
 * What may be shown of text that came from outside: names, messages and outputs of hosts, engines, vendors and files. A
 * terminal would obey control characters in them, and marks that change the direction of text hide what stands there. They
 * are shown as escapes instead: `\x1b`, `\u009b`, `\u202e`. The escapes of everything above ASCII are those of JSON, so that
 * a JSON document stays valid and keeps its values.
 */

/** Control characters (C0, DEL, C1), the line ends of Unicode, and marks of direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what it is about
const CONTROLS = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
/** The same, but each color (SGR) is matched as a whole. */
const CONTROLS_AND_COLORS = new RegExp(String.raw`\x1b\[[\d;:]*m|${CONTROLS.source}`, 'g')
const RESET = '\x1b[0m'

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A text that must stay on its line: a name, a cell of a table, a title. */
export function shownLine(text: string): string {
  return text.replace(CONTROLS, escapeOf)
}

/** A text that may have several lines, such as a message. Line feeds and tabs stay. */
export function shownText(text: string): string {
  return text.replace(CONTROLS, character => (isLayout(character) ? character : escapeOf(character)))
}

/** A message after which no line starts at the margin, so that it cannot pass for something that Belt says. */
export function shownMessage(text: string): string {
  return shownText(text).replaceAll('\n', '\n  ')
}

/** A text with colors: one that Belt has composed. */
export function shownColored(text: string): string {
  return text.replace(CONTROLS_AND_COLORS, match =>
    match.length > 1 || isLayout(match) ? match : escapeOf(match),
  )
}

/** A line of a program's output for a terminal, without its end: its colors stay, and end with the line. */
export function shownOutput(text: string): string {
  let isColored = false
  const shown = text.replace(/\r$/, '').replace(CONTROLS_AND_COLORS, match => {
    if (match.length === 1) return match === '\t' ? match : escapeOf(match)
    isColored = true
    return match
  })
  return isColored ? shown + RESET : shown
}

/** Template tag: inserted values stay on their line, and line ends come from the template only. */
export function line(texts: TemplateStringsArray, ...values: readonly unknown[]): string {
  return texts
    .map((text, index) => text + (index < values.length ? shownLine(String(values[index])) : ''))
    .join('')
}

function isLayout(character: string): boolean {
  return character === '\n' || character === '\t'
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0)
  if (SHORT[character] !== undefined) return SHORT[character]
  return code < 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}
