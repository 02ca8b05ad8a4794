/** Tells whoever measures what is left out, or what spoils the figures. */
export function notice(text: string): void {
  process.stderr.write(`bench: ${text}\n`)
}
