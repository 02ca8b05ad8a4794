import type { AnyAuthMethod, Client, ParsedKey } from 'ssh2'

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void

/** What is wrapped of ssh2's own protocol object. All of it is private there, so all of it may be missing. */
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
 * Saves two round trips of a login with a key file, and both sides work that nobody asked for, where ssh2 has what this
 * wraps; else it logs in as it always does.
 * To be called after `client.connect`.
 * @param first the way to log in that will be tried first
 */
export function shortenLogin(client: Client, first: AnyAuthMethod | undefined): void {
  const protocol = (client as { _protocol?: Protocol })._protocol
  if (!protocol) return
  signAtOnce(protocol)
  leaveOtherKeysUnproven(protocol)
  if (first?.type === 'publickey' && isSure(first.key as ParsedKey)) askForServiceAndLogin(protocol)
}

/** A key is offered with its signature, which costs little, instead of being asked about before. */
function signAtOnce(protocol: Protocol): void {
  const { authPK } = protocol
  if (typeof authPK !== 'function') return
  protocol.authPK = (user, key, algorithm, sign) => {
    const atOnce: Sign = (data, done) => {
      const signature = key.sign(data, algorithm && DIGESTS[algorithm]) as Buffer | Error
      // ssh2 meets the same error again, behind the question, and tells it
      if (signature instanceof Error) authPK.call(protocol, user, key, algorithm)
      else done(signature)
    }
    const offered = sign ?? (key.isPrivateKey() ? atOnce : undefined)
    authPK.call(protocol, user, key, algorithm, offered)
  }
}

/** The first login request follows the request for the service at once: the answers come in their order. */
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

/**
 * OpenSSH tells its other host keys after the login, and ssh2 has it prove each with a signature: Belt knows a host by
 * the key that it showed.
 */
function leaveOtherKeysUnproven({ _handlers: handlers }: Protocol): void {
  const { GLOBAL_REQUEST: asked } = handlers ?? {}
  if (!handlers || typeof asked !== 'function') return
  handlers.GLOBAL_REQUEST = (protocol, name, ...more) => {
    if (name !== 'hostkeys-00@openssh.com') asked(protocol, name, ...more)
  }
}

/** How an RSA key may sign is told by the host beside its acceptance of the service. */
function isSure(key: ParsedKey): boolean {
  return key.type !== 'ssh-rsa'
}
