/** A change to a host, its swarm or a machine. */
export interface JournalEntry {
  /** When it began, ISO 8601. */
  readonly at: string
  /** The run that made it; also how its debug log is called. */
  readonly run: string
  /** Counts what a run did. */
  readonly id: number
  /** Who, as `alice@laptop (ci#4211)`. */
  readonly by: string
  /** Belt's own command line. */
  readonly belt: string
  readonly host?: string
  readonly machine?: string
  readonly what: string
  /** What was there, and what is there now; absent where it was not read, and after a failure. */
  readonly before?: string
  readonly after?: string
  readonly command: string
  /** `begun` is written before the change is sent, and again as one of the others when its end is known. */
  readonly result: 'begun' | 'ok' | 'failed' | 'unknown'
  readonly exitCode?: number
  readonly error?: string
  readonly durationMs?: number
}
