import type { AnyAuthMethod, Client, ParsedKey } from 'ssh2'

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void

/** The private members of ssh2's protocol object that are wrapped; each may be missing (docs/decisions/login-shortcuts.md). */
interface Protocol {
  authPK?(user: string, key: ParsedKey, algorithm?: string, sign?: Sign): void
  service?(name: string): void
  _handlers?: {
    SERVICE_ACCEPT?: (protocol: Protocol, name: string) => void
    GLOBAL_REQUEST?: (protocol: Protocol, name: string, ...more: unknown[]) => void
  }
}

/** RFC 8332: an RSA key signs with a digest that its algorithm names; other keys have a digest of their own. */
const DIGESTS: Record<string, string> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }

/**
 * Saves two round trips of a login with a key file. Where ssh2 lacks what this wraps, it logs in as it always does.
 * Call it after `client.connect`.
 * @param first the authentication method that is tried first
 */
export function shortenLogin(client: Client, first: AnyAuthMethod | undefined): void {
  const protocol = (client as { _protocol?: Protocol })._protocol
  if (!protocol) return
  signAtOnce(protocol)
  leaveOtherKeysUnproven(protocol)
  if (first?.type === 'publickey' && isSure(first.key as ParsedKey)) askForServiceAndLogin(protocol)
}

/** Sends the signature with the offer of a key, instead of asking first whether the host accepts the key. */
function signAtOnce(protocol: Protocol): void {
  const { authPK } = protocol
  if (typeof authPK !== 'function') return
  protocol.authPK = (user, key, algorithm, sign) => {
    const atOnce: Sign = (data, done) => {
      const signature = key.sign(data, algorithm && DIGESTS[algorithm]) as Buffer | Error
      // ssh2 asks about the key first, then meets the same error and reports it
      if (signature instanceof Error) authPK.call(protocol, user, key, algorithm)
      else done(signature)
    }
    const offered = sign ?? (key.isPrivateKey() ? atOnce : undefined)
    authPK.call(protocol, user, key, algorithm, offered)
  }
}

/** Sends the first login request right behind the request for the service: the answers arrive in order. */
function askForServiceAndLogin(protocol: Protocol): void {
  const { service, _handlers: handlers } = protocol
  const accepted = handlers?.SERVICE_ACCEPT
  if (typeof service !== 'function' || !handlers || typeof accepted !== 'function') return
  protocol.service = name => {
    service.call(protocol, name)
    handlers.SERVICE_ACCEPT = () => {}
    accepted(protocol, name)
  }
}

/** Declines OpenSSH's offer to prove its other host keys: Belt knows a host by the key that it showed. */
function leaveOtherKeysUnproven({ _handlers: handlers }: Protocol): void {
  const { GLOBAL_REQUEST: asked } = handlers ?? {}
  if (!handlers || typeof asked !== 'function') return
  handlers.GLOBAL_REQUEST = (protocol, name, ...more) => {
    if (name !== 'hostkeys-00@openssh.com') asked(protocol, name, ...more)
  }
}

/** An RSA key must wait: the host says together with the service which signatures it accepts. */
function isSure(key: ParsedKey): boolean {
  return key.type !== 'ssh-rsa'
}
