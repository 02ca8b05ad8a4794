/** A change to a host, its swarm or a machine. */
export interface JournalEntry {
  /** When it started, ISO 8601. */
  readonly at: string
  /** The run that made it, also part of the name of its debug log. */
  readonly run: string
  /** The number of the change within its run. */
  readonly id: number
  /** Who made it, such as `alice@laptop (ci#4211)`. */
  readonly by: string
  /** Belt's own command line. */
  readonly belt: string
  readonly host?: string
  readonly machine?: string
  readonly what: string
  /** The state before and after; absent if it was not read, and after a failure. */
  readonly before?: string
  readonly after?: string
  readonly command: string
  /** `begun` is written before the change is sent; one of the others follows when the result is known. */
  readonly result: 'begun' | 'ok' | 'failed' | 'unknown'
  readonly exitCode?: number
  readonly error?: string
  readonly durationMs?: number
}

/** What an entry says of a command that is no part of a step. */
export const COMMAND_RUN = 'Run a command'

/** Whether the user ran a command of their own on a host, of which Belt does not know whether it changes something. */
export function isUsersOwn({ what, belt }: JournalEntry): boolean {
  return what === COMMAND_RUN && /^belt (?:-\S+ (?:[^-]\S* )?)*(exec|ssh)(?: |$)/.test(belt)
}
