import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { precheckError, reasonOf } from '../../errors.ts'

/** The engine that a context of the docker command names; what `docker context create` writes. */
export interface DockerContext {
  readonly name: string
  readonly host: string
  /** The files of `docker context create --docker ca=,cert=,key=`, as far as they exist. */
  readonly tls: Readonly<Partial<Record<'ca' | 'cert' | 'key', Buffer>>>
}

/**
 * The docker command's context: `DOCKER_CONTEXT`, or the one that `docker context use` chose.
 * @returns undefined for the default context, which is the engine of this computer
 * @throws a precheck error `docker-context` if the context does not exist or cannot be read
 */
export function dockerContext(environment: NodeJS.ProcessEnv = process.env): DockerContext | undefined {
  const folder = environment.DOCKER_CONFIG || join(homedir(), '.docker')
  const name = environment.DOCKER_CONTEXT || chosenIn(join(folder, 'config.json'))
  if (!name || name === 'default') return undefined
  const id = createHash('sha256').update(name).digest('hex')
  const path = join(folder, 'contexts', 'meta', id, 'meta.json')
  if (!existsSync(path)) throw unusable(name, 'it does not exist')
  const { Host, SkipTLSVerify } = read(name, path).Endpoints?.docker ?? {}
  if (typeof Host !== 'string' || Host === '') throw unusable(name, `${path} names no Docker Engine`)
  if (Host.startsWith('ssh://')) {
    throw unusable(name, 'Belt does not reach engines through ssh://')
  }
  if (SkipTLSVerify === true) throw unusable(name, 'it does not verify the certificate of the engine')
  const tlsFolder = join(folder, 'contexts', 'tls', id, 'docker')
  const files = (['ca', 'cert', 'key'] as const).filter(file => existsSync(join(tlsFolder, `${file}.pem`)))
  return {
    name,
    host: Host,
    tls: Object.fromEntries(files.map(file => [file, readFileSync(join(tlsFolder, `${file}.pem`))])),
  }
}

function chosenIn(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  const { currentContext: name } = read('chosen with docker context use', path) as {
    currentContext?: unknown
  }
  return typeof name === 'string' ? name : undefined
}

interface ContextFile {
  readonly Endpoints?: { readonly docker?: { readonly Host?: unknown; readonly SkipTLSVerify?: unknown } }
}

function read(name: string, path: string): ContextFile {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw unusable(name, `${path} cannot be read: ${reasonOf(cause)}`)
  }
}

function unusable(name: string, reason: string): Error {
  return precheckError('docker-context', `cannot use the Docker context ${JSON.stringify(name)}: ${reason}`, {
    hint: 'run docker context ls and docker context use NAME, or set DOCKER_HOST',
  })
}
