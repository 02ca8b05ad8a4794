const UNITS = { mb: 1, gb: 1024 } as const

/**
 * Parses an amount of memory (`512mb`, `8192MB`, `16gb`).
 * @returns MiB, or undefined if the text is not an amount of memory
 */
export function parseMemory(size: string): number | undefined {
  const match = /^(\d+)(mb|gb)$/i.exec(size)
  if (!match?.[1] || !match[2]) return undefined
  const amount = Number(match[1]) * UNITS[match[2].toLowerCase() as keyof typeof UNITS]
  return Number.isSafeInteger(amount) && amount > 0 ? amount : undefined
}

/** Formats MiB like a size: `512mb`, `1gb`, `1536mb`. */
export function formatMemory(mebibytes: number): string {
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024}gb` : `${mebibytes}mb`
}
