import type { Claim } from '../domain/lease.ts'
import type { EngineCommand } from './command.ts'
import { type EngineResponse, engineRequest } from './engine.ts'
import { EngineObject } from './engine-json.ts'

/**
 * The lock is a config of the swarm. Names are unique, so only one client can create it. Only a client that knows its
 * version can change its labels. It survives the loss of a manager.
 */
export const LOCK_NAME = 'belt-lock'
/** A config must have content. This one keeps its data in its labels. */
const DATA = Buffer.from('The lock of belt. See belt lock status.').toString('base64')

/** The lock, as read from the swarm. */
export interface LockConfig {
  readonly id: string
  readonly version: number
  readonly renewedAt: Date
  readonly claim: Claim
}

export const readLockRequest: EngineCommand = engineRequest('GET', `/configs/${LOCK_NAME}`)

/** Answers 201, or 409 when there is a lock. */
export function createLockRequest(claim: Claim): EngineCommand {
  return ownRequest('POST', '/configs/create', { Name: LOCK_NAME, Labels: labelsOf(claim), Data: DATA })
}

/** Renews the lock or passes it on. Refused if it changed since it was read. */
export function replaceLockRequest({ id, version }: LockConfig, claim: Claim): EngineCommand {
  return ownRequest('POST', `/configs/${id}/update?version=${version}`, {
    Name: LOCK_NAME,
    Labels: labelsOf(claim),
  })
}

/** Answers 404 if this lock is gone, even if a newer one exists. */
export function removeLockRequest({ id }: LockConfig): EngineCommand {
  return ownRequest('DELETE', `/configs/${id}`)
}

/** The lock is taken, renewed and released around each change. The journal lists only the changes themselves. */
function ownRequest(...request: Parameters<typeof engineRequest>): EngineCommand {
  return { ...engineRequest(...request), journaled: false }
}

/**
 * Parses the answer to `readLockRequest`.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseLock(body: string): LockConfig {
  const config = EngineObject.read(body)
  const labels = config.object('Spec').labels('Labels')
  const label = (key: string) => labels[`belt.${key}`] ?? ''
  return {
    id: config.name('ID'),
    version: config.object('Version').count('Index'),
    renewedAt: config.time('UpdatedAt'),
    claim: {
      token: label('token'),
      holder: label('holder'),
      command: label('command'),
      since: label('since'),
    },
  }
}

/** Whether the engine refused a change because another client came first. */
export function cameTooLate({ status, body }: EngineResponse): boolean {
  return status === 404 || status === 409 || /update out of sequence/.test(body)
}

function labelsOf(claim: Claim): Record<string, string> {
  return Object.fromEntries(Object.entries(claim).map(([key, value]) => [`belt.${key}`, value]))
}
