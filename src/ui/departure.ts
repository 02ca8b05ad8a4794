import { fold } from '../domain/ranges.ts'
import { type Departure, endsSwarm } from '../operations/swarm/leave.ts'

/** What the user is asked before hosts leave their swarm. */
export function departureQuestion(departure: Departure, cluster: string): string {
  const hosts = [...departure.workers, ...departure.managers].map(({ name }) => name)
  const end = endsSwarm(departure) ? ' This ends the swarm: its services, secrets and configs are lost.' : ''
  return `Let ${fold(hosts)} of ${cluster} leave ${hosts.length === 1 ? 'its' : 'their'} swarm?${end}`
}
