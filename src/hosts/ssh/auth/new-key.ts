import ssh2 from 'ssh2'

/** @returns a new ed25519 private key without a passphrase, in OpenSSH's format */
export function newPrivateKey(): string {
  return ssh2.utils.generateKeyPairSync('ed25519').private
}
