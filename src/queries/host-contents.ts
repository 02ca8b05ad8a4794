import { readEngine } from '../hosts/engine-client.ts'
import type { Host } from '../hosts/host.ts'
import type { Slot } from '../hosts/slots.ts'
import {
  containersRequest,
  type PlainContainer,
  parsePlainContainers,
  parseVolumes,
  volumesRequest,
} from '../remote/host-contents.ts'

/** A question before a change: a host that is slow to answer must not hold that up. */
const TIMEOUT_MS = 10_000

interface ReadOptions {
  readonly signal?: AbortSignal | undefined
  readonly slot?: Slot | undefined
}

/** Reads the containers of a host that no service started. @throws when they cannot be read */
export function readPlainContainers(host: Host, options: ReadOptions = {}): Promise<PlainContainer[]> {
  return readEngine(host, containersRequest, parsePlainContainers, { ...options, timeoutMs: TIMEOUT_MS })
}

/** Reads the names of the volumes of a host. @throws when they cannot be read */
export function readVolumes(host: Host, options: ReadOptions = {}): Promise<string[]> {
  return readEngine(host, volumesRequest, parseVolumes, { ...options, timeoutMs: TIMEOUT_MS })
}
