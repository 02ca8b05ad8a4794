import type { ParsedKey } from 'ssh2'
import { precheckError } from '../../../errors.ts'
import { type KeyOptions, keyPaths } from '../options.ts'
import { Agent } from './agent.ts'
import { publicKeyOf, readPrivateKeyFile, unlock } from './private-key.ts'

/**
 * The public keys that Belt can log in with, as lines of authorized_keys, in the order in which Belt tries them.
 * @throws a precheck error `no-public-key` if there is none, or if the configured key is unusable
 */
export async function publicKeys(options: KeyOptions): Promise<string[]> {
  const keys = options.privateKey
    ? [await publicPart(options.privateKey, options)]
    : [...(await agentKeys(options.agentSocket)), ...(await defaultKeys(options))]
  if (keys.length === 0)
    throw precheckError(
      'no-public-key',
      `no SSH key found in the agent or in ${options.homeDirectory}/.ssh`,
      {
        hint: 'Create one: ssh-keygen -t ed25519',
      },
    )
  return [...new Map(keys.map(key => [key.getPublicSSH().toString('base64'), line(key)])).values()]
}

/** Asks for a passphrase only if the public half is nowhere in the clear. */
async function publicPart(path: string, options: KeyOptions): Promise<ParsedKey> {
  return (await publicKeyOf(path)) ?? unlock(await readPrivateKeyFile(path), options.askPassphrase)
}

async function agentKeys(socket: string | undefined): Promise<readonly ParsedKey[]> {
  const agent = socket ? await Agent.at(socket) : undefined
  return agent?.keys ?? []
}

async function defaultKeys(options: KeyOptions): Promise<ParsedKey[]> {
  const found = await Promise.all(
    keyPaths(options).map(path => publicPart(path, { ...options, askPassphrase: undefined }).catch(() => [])),
  )
  return found.flat()
}

function line(key: ParsedKey): string {
  return `${key.type} ${key.getPublicSSH().toString('base64')} ${key.comment}`.trim()
}
