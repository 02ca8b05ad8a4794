import { onTestFinished, vi } from 'vitest'
import type { FakeSwarm } from './fake-swarm.ts'

/** Lets so much time pass with each command that a host of the swarm is asked, by the clock that deadlines go by. */
export function timePasses(swarm: FakeSwarm, milliseconds: number): void {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const before = swarm.also
  swarm.also = (...question) => {
    vi.advanceTimersByTime(milliseconds)
    return before(...question)
  }
}
