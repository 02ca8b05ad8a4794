import { execFileSync } from 'node:child_process'

const certificates = new Map<string, string>()

/** A node's certificate, whose subject names the swarm, the role in effect and the node. */
export function certificate(clusterId: string, role: 'worker' | 'manager', nodeId = 'node'): string {
  const subject = `/O=${clusterId}/OU=swarm-${role}/CN=${nodeId}`
  const made = certificates.get(subject) ?? newCertificate(subject)
  certificates.set(subject, made)
  return made
}

function newCertificate(subject: string): string {
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
  ]
  return execFileSync('openssl', [...request, '-keyout', '/dev/null', '-subj', subject], {
    stdio: ['ignore', 'pipe', 'ignore'],
  }).toString()
}
