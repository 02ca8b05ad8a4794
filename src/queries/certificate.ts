import { READ_TIMEOUT_MS, understood } from '../hosts/engine-client.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { type Certificate, certificateCommand, parseCertificate } from '../remote/certificate.ts'

/** Reads which swarm a member belongs to, and the role it has in effect. @throws when it cannot be read */
export async function readCertificate(host: Host, signal?: AbortSignal): Promise<Certificate> {
  const { stdout } = await runChecked(host, certificateCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(host, () => parseCertificate(stdout))
}
