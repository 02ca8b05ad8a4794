const ESCAPE = '\u001b'
/** A color, or one character. */
const TOKENS = new RegExp(`${ESCAPE}\\[[\\d;]*m|.`, 'gu')

/** Cuts lines that are wider than this many columns, with `…` at the end. Colors take no room and are kept. */
export function cut(text: string, columns: number): string {
  return text
    .split('\n')
    .map(line => cutLine(line, columns))
    .join('\n')
}

function cutLine(line: string, columns: number): string {
  const tokens = line.match(TOKENS) ?? []
  const isColor = (token: string) => token.startsWith(ESCAPE)
  if (tokens.filter(token => !isColor(token)).length <= columns) return line
  let width = 0
  const kept = tokens.filter(token => isColor(token) || ++width < columns)
  return `${kept.join('')}…`
}
