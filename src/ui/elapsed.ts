/** `8 s` or `2 min 5 s` since a time of `performance.now()`; empty while it is shorter than `fromMs`. */
export function elapsedSince(startedAt: number, fromMs: number): string {
  const elapsedMs = performance.now() - startedAt
  const seconds = Math.round(elapsedMs / 1000)
  if (elapsedMs < fromMs || seconds === 0) return ''
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`
}
