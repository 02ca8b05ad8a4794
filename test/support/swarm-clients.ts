import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What somebody saw who asked again and again. */
export interface Observation {
  readonly asked: number
  readonly refused: number
  /** The longest time without an answer, in milliseconds. */
  readonly longestGapMs: number
}

/** Asks one after the other, `everyMs`, until it is told to stop. */
function watching(ask: () => Promise<boolean>, everyMs: number): () => Promise<Observation> {
  let going = true
  const seen = { asked: 0, refused: 0, longestGapMs: 0 }
  const ended = (async () => {
    let lastAnswer = performance.now()
    while (going) {
      const isAnswered = await ask()
      const now = performance.now()
      seen.asked += 1
      if (!isAnswered) seen.refused += 1
      if (isAnswered) {
        seen.longestGapMs = Math.max(seen.longestGapMs, now - lastAnswer)
        lastAnswer = now
      }
      await sleep(everyMs)
    }
    return seen
  })()
  return () => {
    going = false
    return ended
  }
}

/** Asks a service over HTTP ten times a second, at one address after the other. @returns how to stop it */
export function watchService(urls: readonly string[]): () => Promise<Observation> {
  let turn = 0
  return watching(async () => {
    turn += 1
    try {
      const response = await fetch(urls[turn % urls.length] ?? '', { signal: AbortSignal.timeout(5000) })
      await response.text()
      return response.ok
    } catch {
      return false
    }
  }, 100)
}

/** Asks managers for the list of nodes, each time all of them at once: one answer is enough. */
export function watchManagers(dockerHost: string, containers: readonly string[]): () => Promise<Observation> {
  const env = { ...process.env, DOCKER_HOST: dockerHost }
  const listNodes = (container: string) =>
    run('docker', ['exec', container, 'timeout', '5', 'docker', 'node', 'ls', '-q'], { env, timeout: 10_000 })
  return watching(
    () =>
      Promise.any(containers.map(listNodes)).then(
        () => true,
        () => false,
      ),
    500,
  )
}
