import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { type HostnameReading, parseHostname, readHostnameCommand } from '../remote/hostname.ts'

/** Reads a host's name as the host and its engine know it. @throws when it cannot be read */
export async function readHostname(host: Host, signal?: AbortSignal): Promise<HostnameReading> {
  const { stdout } = await runChecked(host, readHostnameCommand, { signal })
  return parseHostname(stdout)
}
