/**
 * Returns a POSIX word that `/bin/sh` reads back as `argument`, byte for byte. Login shells get it through `posixLine`.
 * Plain words stay unquoted, so that messages remain readable. A word with `=` counts as plain only after a dash, where
 * no shell takes it for an assignment.
 */
export function quote(argument: string): string {
  if (/^([A-Za-z0-9_@%+:,./-]+|-[A-Za-z0-9_@%+:,./=-]*)$/.test(argument)) return argument
  return `'${argument.replaceAll("'", `'\\''`)}'`
}
