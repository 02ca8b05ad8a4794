import type { AnyAuthMethod, Client, ParsedKey } from 'ssh2'

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void

/** The private members of ssh2's protocol object that are wrapped. Each may be missing (docs/decisions/login-shortcuts.md). */
interface Protocol {
  authPK?(user: string, key: ParsedKey, algorithm?: string, sign?: Sign): void
  service?(name: string): void
  _handlers?: {
    SERVICE_ACCEPT?: (protocol: Protocol, name: string) => void
    GLOBAL_REQUEST?: (protocol: Protocol, name: string, ...more: unknown[]) => void
  }
}

/** RFC 8332: the algorithm of an RSA key selects the digest. Other keys have their own digest. */
const DIGESTS: Record<string, string> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }

/**
 * Saves two round trips of a login with a key file. If ssh2 lacks the members that this wraps, the login is not shortened.
 * Call it after `client.connect`.
 * @param first the first authentication method to try
 */
export function shortenLogin(client: Client, first: AnyAuthMethod | undefined): void {
  const protocol = (client as { _protocol?: Protocol })._protocol
  if (!protocol) return
  signAtOnce(protocol)
  leaveOtherKeysUnproven(protocol)
  if (first?.type === 'publickey' && isSure(first.key as ParsedKey)) askForServiceAndLogin(protocol)
}

/** Offers a key together with the signature, instead of asking first whether the host accepts the key. */
function signAtOnce(protocol: Protocol): void {
  const { authPK } = protocol
  if (typeof authPK !== 'function') return
  protocol.authPK = (user, key, algorithm, sign) => {
    const atOnce: Sign = (data, done) => {
      const signature = key.sign(data, algorithm && DIGESTS[algorithm]) as Buffer | Error
      // ssh2 then asks about the key first, gets the same error, and reports it.
      if (signature instanceof Error) authPK.call(protocol, user, key, algorithm)
      else done(signature)
    }
    const offered = sign ?? (key.isPrivateKey() ? atOnce : undefined)
    authPK.call(protocol, user, key, algorithm, offered)
  }
}

/** Sends the first login request right after the request for the service, because the answers arrive in order. */
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

/** Ignores OpenSSH's offer to prove its other host keys, because Belt stores only the presented key. */
function leaveOtherKeysUnproven({ _handlers: handlers }: Protocol): void {
  const { GLOBAL_REQUEST: asked } = handlers ?? {}
  if (!handlers || typeof asked !== 'function') return
  handlers.GLOBAL_REQUEST = (protocol, name, ...more) => {
    if (name !== 'hostkeys-00@openssh.com') asked(protocol, name, ...more)
  }
}

/** Whether a key can be used at once. An RSA key must wait until the host reports which signatures it accepts. */
function isSure(key: ParsedKey): boolean {
  return key.type !== 'ssh-rsa'
}
