import type { Claim, Lease } from '../../domain/lease.ts'
import { BeltError } from '../../errors.ts'
import { askEngine, EngineSilentError, understood } from '../../hosts/engine-client.ts'
import type { Host } from '../../hosts/host.ts'
import type { EngineCommand } from '../../remote/command.ts'
import { type EngineResponse, refusalOf } from '../../remote/engine.ts'
import {
  cameTooLate,
  createLockRequest,
  type LockConfig,
  parseLock,
  readLockRequest,
  removeLockRequest,
  replaceLockRequest,
} from '../../remote/lock.ts'
import type { LockStore } from './store.ts'

/**
 * An engine answers in milliseconds, unless its manager is gone or has no leader; then another must be found well
 * before the lock lapses. The change may still be made: the next read of the lock shows it.
 */
const REQUEST_TIMEOUT_MS = 10_000

type SwarmLease = Lease & { readonly config: LockConfig }

/**
 * A lock in the swarm itself, which everyone sees who works on it.
 * @param manager finds a working manager; asked again when the last one no longer is
 */
export function swarmLock(first: Host, findManager: () => Promise<Host>): LockStore<SwarmLease> {
  let host = first
  const ask = async (request: EngineCommand, isAnswer: (response: EngineResponse) => boolean) => {
    try {
      return await askManager(host, request, isAnswer)
    } catch {
      host = await findManager()
      return askManager(host, request, isAnswer)
    }
  }
  const change = async (request: EngineCommand) => {
    const response = await ask(request, answer => answer.status < 300 || cameTooLate(answer))
    return response.status < 300
  }
  return {
    place: 'the swarm',
    async read() {
      const { status, body, date } = await ask(readLockRequest, answer => [200, 404].includes(answer.status))
      if (status === 404) return undefined
      const config = understood(host, () => parseLock(body))
      const { id, claim, renewedAt } = config
      return { config, claim, version: `${id} ${config.version}`, renewedAt, readAt: date ?? new Date() }
    },
    create: (claim: Claim) => change(createLockRequest(claim)),
    replace: ({ config }, claim) => change(replaceLockRequest(config, claim)),
    // Whoever removes it by its id asks for no version: a renewal does, and keeps all others from taking it for a while.
    remove: async ({ config, claim }) =>
      (await change(replaceLockRequest(config, claim))) && change(removeLockRequest(config)),
  }
}

async function askManager(
  host: Host,
  request: EngineCommand,
  isAnswer: (response: EngineResponse) => boolean,
): Promise<EngineResponse> {
  const response = await askEngine(host, request, { timeoutMs: REQUEST_TIMEOUT_MS }).catch(error => {
    throw error instanceof EngineSilentError ? unusable(host, error.reason) : error
  })
  if (isAnswer(response)) return response
  throw unusable(host, refusalOf(response))
}

function unusable({ name }: Host, why: string): BeltError {
  return new BeltError('lock-unusable', `${name} cannot read or change the lock: ${why}`, {
    host: name,
    hint: 'belt swarm status shows whether the swarm makes decisions',
  })
}
