import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { bootCommand } from '../remote/host-facts.ts'

const TIMEOUT_MS = 30_000

/** Reads the id of the current boot of a machine. @throws when it cannot be read */
export async function readBoot(host: Host, signal?: AbortSignal): Promise<string> {
  return (await runChecked(host, bootCommand, { timeoutMs: TIMEOUT_MS, signal })).stdout.trim()
}
