/** A character of several bytes of UTF-8, or else one byte that belongs to none; in a text with one character for each byte. */
const CHARACTER =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|([\x80-\xff])/g

/** In Unicode mode, this matches only the half of a surrogate pair that stands alone. */
const BYTE = /[\udc80-\udcff]/u

const FIRST = 0xdc00

/**
 * Bytes as a text from which `toBytes` makes the same bytes again. A byte that is no UTF-8 becomes a character that
 * UTF-8 does not have, U+DC80 to U+DCFF, as Python's `surrogateescape` has it.
 */
export function fromBytes(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (!text.includes('\ufffd')) return text
  return bytes
    .toString('latin1')
    .replace(CHARACTER, (character, stray?: string) =>
      stray === undefined
        ? Buffer.from(character, 'latin1').toString('utf8')
        : String.fromCharCode(FIRST + stray.charCodeAt(0)),
    )
}

/** The bytes of a text: UTF-8, and what `fromBytes` made of other bytes. */
export function toBytes(text: string): Buffer {
  if (!hasStrayBytes(text)) return Buffer.from(text)
  const parts = text.split(/([\udc80-\udcff])/u)
  return Buffer.concat(
    parts.map(part => (hasStrayBytes(part) ? Buffer.of(part.charCodeAt(0) - FIRST) : Buffer.from(part))),
  )
}

/** Whether a text of `fromBytes` has bytes that are no UTF-8. */
export function hasStrayBytes(text: string): boolean {
  return BYTE.test(text)
}
