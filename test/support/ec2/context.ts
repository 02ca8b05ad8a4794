import type { Clock } from '../../../src/clock.ts'
import type { Life } from './life.ts'
import type { QueryStructure } from './query.ts'
import type { Region } from './region.ts'
import type { XmlStructure } from './xml.ts'

/** What an action has at hand. */
export interface Context {
  readonly region: Region
  readonly life: Life
  readonly clock: Clock
  /** For how long new instances are missing from listings and unknown to calls. */
  readonly lagMs: number
  /** How many instances the account may have in a region. */
  readonly instanceLimit: number
  newId(prefix: string): string
}

/** @throws Refusal */
export type Handler = (query: QueryStructure, context: Context) => XmlStructure
