import type { ManyHostsOptions } from '../../operations/run-on-hosts.ts'
import type { Interruption, InterruptSignal } from '../interruption.ts'

const REMOTE_SIGNAL = { SIGINT: 'INT', SIGTERM: 'TERM', SIGHUP: 'TERM' } as const

export interface SignalRelay {
  readonly onStart: NonNullable<ManyHostsOptions['onStart']>
  /** Aborted by the first signal. No further host is started then. */
  readonly taken: AbortSignal
}

/**
 * Once a remote command runs, sends the first Ctrl-C or other interrupt to all remote processes, including those that start
 * a moment later. The next one ends Belt.
 */
export function relaySignals(interruption: Interruption): SignalRelay {
  const running = new Set<Parameters<SignalRelay['onStart']>[0]>()
  const taken = new AbortController()
  let isRelaying = false
  let name: InterruptSignal | undefined
  const take = (received: InterruptSignal) => {
    name = received
    taken.abort()
    for (const send of running) send(REMOTE_SIGNAL[received])
  }
  return {
    taken: taken.signal,
    onStart(send) {
      if (!isRelaying) interruption.handNextTo(take)
      isRelaying = true
      running.add(send)
      if (name) send(REMOTE_SIGNAL[name])
      return () => running.delete(send)
    },
  }
}
