import { quote } from '../../../remote/command.ts'
import type { HostAddress } from '../../host.ts'
import { bastionKeyName } from '../bastion.ts'
import type { BastionAddress, SshOptions } from '../options.ts'

/** The words of ssh before the command: how to reach a host, without what an ssh_config might add to it. */
export function sshArguments(target: HostAddress, options: SshOptions, controlPath: string): string[] {
  const { bastion, privateKey } = options
  return [
    ...configFile(options),
    ...set({
      ...common(options),
      HostKeyAlias: target.name,
      ControlPath: inConfig(controlPath),
      ControlPersist: 'no',
      ClearAllForwardings: 'yes',
      ForwardAgent: 'no',
      ForwardX11: 'no',
      RemoteCommand: 'none',
      ...(bastion && { ProxyCommand: proxyCommand(bastion, options) }),
    }),
    ...(privateKey ? ['-i', privateKey] : []),
    ...whoAndWhere(target, target.fromSshConfig),
    '--',
    target.address,
  ]
}

function common({ privateKey, knownHosts, hostKeyChecking, connectTimeoutMs, keepaliveMs }: SshOptions) {
  return {
    BatchMode: 'yes',
    LogLevel: 'ERROR',
    UserKnownHostsFile: inConfig(knownHosts.path),
    GlobalKnownHostsFile: 'none',
    StrictHostKeyChecking: hostKeyChecking === 'strict' ? 'yes' : 'accept-new',
    HashKnownHosts: 'no',
    UpdateHostKeys: 'no',
    ConnectTimeout: String(Math.ceil(connectTimeoutMs / 1000)),
    ServerAliveInterval: String(Math.ceil(keepaliveMs / 1000)),
    ServerAliveCountMax: '3',
    ...(privateKey && { IdentitiesOnly: 'yes' }),
  }
}

/** Not `ProxyJump`, because that knows neither Belt's known hosts nor its key. */
function proxyCommand(bastion: BastionAddress, options: SshOptions): string {
  const { address, user, port } = bastion
  const words = [
    'ssh',
    ...configFile(options),
    ...set({
      ...common(options),
      HostKeyAlias: bastionKeyName({ address, port: port ?? 22 }),
    }),
    ...(options.privateKey ? ['-i', options.privateKey] : []),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
  ]
  return `${words.map(word => quote(word.replaceAll('%', '%%'))).join(' ')} -W '[%h]:%p' -- ${quote(address)}`
}

function configFile({ configFile }: SshOptions): string[] {
  return configFile === undefined ? [] : ['-F', configFile]
}

function whoAndWhere({ user, port }: HostAddress, open: HostAddress['fromSshConfig'] = []): string[] {
  return [
    ...(open.includes('user') ? [] : ['-l', user]),
    ...(open.includes('port') ? [] : ['-p', String(port)]),
  ]
}

function set(values: Record<string, string>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

/** A path in a setting: spaces would separate, and `%` begins a token. */
function inConfig(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`
}
