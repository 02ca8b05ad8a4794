import type { Progress } from '../progress.ts'

/**
 * The wanted number of hosts to work on at once, or fewer, with a warning, if not as many connections can be open.
 * @param possible how many of the wanted connections can be open at once
 */
export function hostsAtOnce(
  wanted: number,
  possible: number,
  progress: Progress,
  { bastion = false } = {},
): number {
  if (possible < wanted) {
    const limit = bastion
      ? 'a bastion can carry no more connections'
      : 'this process cannot open more files (ulimit -Hn)'
    progress.note(`warning: working on ${possible} hosts at once instead of ${wanted}: ${limit}`)
  }
  return possible
}
