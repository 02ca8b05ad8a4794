const UNITS = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const

/**
 * Parses an amount of bytes: `64kb`, `1mb`, `2GB`; a plain number means bytes.
 * @returns bytes, or undefined if the text is not an amount
 */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+)(b|kb|mb|gb)?$/i.exec(text)
  if (!match?.[1]) return undefined
  const bytes = Number(match[1]) * UNITS[(match[2]?.toLowerCase() ?? 'b') as keyof typeof UNITS]
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined
}

/** Formats bytes in the largest suitable unit: `512b`, `1.5kb`, `268kb`, `3gb`. */
export function formatBytes(bytes: number): string {
  const [unit, size] = Object.entries(UNITS).findLast(([, least]) => bytes >= least) ?? ['b', 1]
  const amount = bytes / size
  return `${amount < 10 ? Number(amount.toFixed(1)) : Math.round(amount)}${unit}`
}
