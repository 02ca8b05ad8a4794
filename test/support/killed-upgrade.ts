import type { Ended } from './belt.ts'
import type { TestCluster } from './cluster.ts'

const STEP = /^(\w+: .*|Draining .*)( \.\.\.|: done)$/gm

/** Runs an upgrade, and kills it as soon as it has reported this many steps. */
export function killedAfter(place: TestCluster, words: readonly string[], steps: number): Promise<Ended> {
  let reported = 0
  return place.run(words, {
    stdin: '',
    onStart: child =>
      child.stderr?.on('data', (chunk: Buffer) => {
        reported += chunk.toString().match(STEP)?.length ?? 0
        if (reported >= steps) child.kill('SIGKILL')
      }),
  })
}
