import type { Config } from '../config/load.ts'
import type { Machine } from '../drivers/driver.ts'
import { HostError } from '../hosts/errors.ts'
import type { HostAddress } from '../hosts/host.ts'

/** How long after its creation a machine may still be booting and refuse connections. */
const FRESH_MS = 600_000

/** How to connect to a machine. @throws HostError `unreachable` if it is off or has no address */
export function hostAddress(machine: Machine, { ssh }: Config): HostAddress {
  if (machine.status === 'off' || !machine.ssh) throw unusable(machine)
  return {
    name: machine.name,
    address: machine.ssh.address,
    port: ssh.port ?? machine.ssh.port,
    user: ssh.user ?? machine.ssh.user,
    ...(machine.ssh.fromSshConfig && {
      fromSshConfig: machine.ssh.fromSshConfig.filter(key => ssh[key] === undefined),
    }),
    fresh: machine.createdAt !== undefined && Date.now() - Date.parse(machine.createdAt) < FRESH_MS,
  }
}

function unusable({ name, status }: Machine): HostError {
  const message =
    status === 'off' ? `${name} is switched off` : `${name} has no address; its status is ${status}`
  return new HostError('unreachable', name, message, { hint: 'to list the machines: belt ls' })
}
