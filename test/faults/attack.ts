import { createHash } from 'node:crypto'
import type { TestCluster } from '../support/cluster.ts'

/** One thing that is done to Belt. */
export interface Attack {
  readonly title: string
  /** How many cases it tries (default: 1). */
  readonly cases?: number
  /** Throws if Belt does not come out of it as it should. */
  run(): Promise<void>
}

/** What the attacks of a run share. */
export interface Arena {
  /** Three managers, `mg0` to `mg2`, and two workers, `node1` and `node2`, in one healthy swarm. */
  readonly cluster: TestCluster
  readonly seed: number
  /** How often each attack is repeated, each time at another moment. */
  readonly rounds: number
}

/** A number from 0 to 1, always the same for the same seed and name. */
export function chance(seed: number, name: string): number {
  return createHash('sha256').update(`${seed}/${name}`).digest().readUInt32BE() / 2 ** 32
}

/** A moment between two others, in milliseconds; always the same for the same seed and name. */
export function momentMs(seed: number, name: string, fromMs: number, toMs: number): number {
  return Math.round(fromMs + chance(seed, name) * (toMs - fromMs))
}
