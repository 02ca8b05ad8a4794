import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2'
import type { HostKey } from '../known-hosts/known-keys.ts'

const BY_KEY_TYPE: Record<string, ServerHostKeyAlgorithm[]> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
}

/**
 * The algorithms to offer to a host: ssh2's lists, reordered but never shortened. The types of the host's known keys come
 * first, so that a host with several keys presents one that can be compared, and then the fast algorithms.
 */
export function algorithmsFor(known: readonly HostKey[]): Algorithms {
  const serverHostKey = [...known.flatMap(key => BY_KEY_TYPE[key.type] ?? []), 'ssh-ed25519' as const]
  return {
    serverHostKey: first(serverHostKey),
    kex: first(['ecdh-sha2-nistp256', 'curve25519-sha256', 'curve25519-sha256@libssh.org']),
    cipher: first(['aes128-gcm@openssh.com']),
  }
}

/** ssh2 does not prepend a name that is already in its list, so it has to be removed first. */
function first<T extends string>(names: readonly T[]) {
  const wanted = [...new Set(names)]
  return { remove: wanted, prepend: wanted, append: [] }
}
