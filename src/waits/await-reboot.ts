import { BeltError } from '../errors.ts'
import { mayBeBooting } from '../hosts/errors.ts'
import type { Host } from '../hosts/host.ts'
import { readBoot } from '../queries/boot.ts'
import { retry, type WaitOptions } from '../retry.ts'

const POLL_MS = 1000

export interface RebootWaitOptions extends WaitOptions {
  readonly deadlineMs: number
}

/** Reads the boot id of a machine, and waits for a machine that may be booting. */
export function awaitBoot(host: Host, options: RebootWaitOptions): Promise<string> {
  return retry(() => readBoot(host, options.signal), {
    ...pollingOf(options),
    retryable: mayBeBooting,
  })
}

/**
 * Waits until a machine has booted again: a machine that answers may not have gone down yet.
 * @param before the boot id from before
 * @throws `not-rebooted` if it never went down
 */
export function awaitAnotherBoot(host: Host, before: string, options: RebootWaitOptions): Promise<void> {
  return retry(() => expectAnotherBoot(host, before, options.signal), pollingOf(options))
}

function pollingOf({ deadlineMs, signal, clock }: RebootWaitOptions) {
  return { deadlineMs, everyMs: POLL_MS, signal, clock }
}

async function expectAnotherBoot(host: Host, before: string, signal?: AbortSignal): Promise<void> {
  if ((await readBoot(host, signal)) !== before) return
  throw new BeltError('not-rebooted', `${host.name} has not gone down yet`, {
    host: host.name,
    hint: `belt reboot ${host.name} tries again`,
  })
}
