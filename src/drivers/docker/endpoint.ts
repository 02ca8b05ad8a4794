import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { DockerOptions } from 'dockerode'
import { dockerContext } from './context.ts'

/** Where a Docker Engine listens, and where its published ports are. */
export interface EngineEndpoint {
  /** In the format of `DOCKER_HOST`, for messages. */
  readonly url: string
  readonly connection: DockerOptions
  /** Whether the engine listens on a local socket; its containers may still run elsewhere. */
  readonly isSocket: boolean
  /** The address to publish ports on, and the address to connect to. */
  readonly publish: { readonly on: string; readonly at: string }
}

const LOOPBACK = '127.0.0.1'

/**
 * @param host the engine's URL (default: the docker command's context, otherwise its default socket)
 * @throws a precheck error `docker-context`
 */
export function engineEndpoint(host?: string, environment?: NodeJS.ProcessEnv): EngineEndpoint {
  if (host !== undefined) return endpointAt(host)
  const context = dockerContext(environment)
  if (!context) return endpointAt(defaultHost())
  const endpoint = endpointAt(context.host)
  const { tls } = context
  const isEncrypted = !endpoint.isSocket && Object.keys(tls).length > 0
  return isEncrypted
    ? { ...endpoint, connection: { ...endpoint.connection, ...tls, protocol: 'https' } }
    : endpoint
}

function endpointAt(host: string): EngineEndpoint {
  const socketPath = /^(?:unix|npipe):\/\/(.+)$/.exec(host)?.[1]
  if (socketPath !== undefined) {
    // An explicit `host: undefined` keeps the client from using DOCKER_HOST.
    return {
      url: host,
      connection: { socketPath, host: undefined },
      isSocket: true,
      publish: { on: LOOPBACK, at: LOOPBACK },
    }
  }
  const { protocol, hostname, port } = new URL(host)
  const isLocal = ['localhost', LOOPBACK, '[::1]'].includes(hostname)
  return {
    url: host,
    // With tcp:// the client takes the protocol and the certificates from DOCKER_TLS_VERIFY and DOCKER_CERT_PATH.
    connection: {
      host: hostname,
      port: port || (protocol === 'https:' ? 2376 : 2375),
      ...(protocol !== 'tcp:' && { protocol: protocol === 'https:' ? 'https' : 'http' }),
    },
    isSocket: false,
    publish: isLocal ? { on: LOOPBACK, at: LOOPBACK } : { on: '0.0.0.0', at: hostname },
  }
}

function defaultHost(): string {
  if (process.platform === 'win32') return 'npipe:////./pipe/docker_engine'
  const ofDockerDesktop = join(homedir(), '.docker', 'run', 'docker.sock')
  return `unix://${existsSync(ofDockerDesktop) ? ofDockerDesktop : '/var/run/docker.sock'}`
}
