import type { Machine } from '../../drivers/driver.ts'
import { BeltError } from '../../errors.ts'
import type { Fleet } from '../fleet.ts'

/**
 * A machine's address of the wanted kind; `any` is the one that other machines reach it at, as a swarm needs it: where
 * each serves, the public one. Without an IPv4 address, it is the one of the config, such as a DNS name.
 * @throws when it has none, which a machine that is still being made has not yet
 */
export function addressOf(machine: Machine, kind: 'private' | 'public' | 'any'): string {
  const { privateAddress, publicAddress, peerAddress, ssh } = machine
  const address = {
    private: privateAddress,
    public: publicAddress,
    any: peerAddress ?? publicAddress ?? privateAddress ?? ssh?.address,
  }[kind]
  if (address !== undefined) return address
  const which = kind === 'any' ? '' : `${kind} `
  throw new BeltError(
    'no-address',
    `${machine.name} has no ${which}address; its status is ${machine.status}`,
    {
      host: machine.name,
      hint: 'belt ls shows the addresses',
    },
  )
}

/** All addresses of a machine that are known. */
export function addressesOf({ privateAddress, publicAddress, peerAddress }: Machine): string[] {
  return [privateAddress, publicAddress, peerAddress].flatMap(address => address ?? [])
}

/**
 * The address that a machine's node advertises: the private one if there is one, unless the config says public. Undefined
 * if only the host knows it.
 */
export function swarmAddress(fleet: Fleet, { privateAddress, publicAddress }: Machine): string | undefined {
  return fleet.swarm.advertise === 'public' ? publicAddress : (privateAddress ?? publicAddress)
}
