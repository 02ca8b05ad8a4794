import { HostError } from '../../src/hosts/errors.ts'
import { swarmContract } from '../contracts/swarm.ts'
import { FakeSwarm } from './fake-swarm.ts'

swarmContract('the fake', async () => {
  const swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1', 'mg2']) swarm.enrol(name, 'manager')
  swarm.enrol('node1', 'worker')
  return {
    host: name => swarm.host(name),
    runService: async (name, node) => swarm.services.run(name, [node.id]),
    kill: async (...names) => {
      for (const name of names) swarm.lose(name, new HostError('unreachable', name, `${name} is off`))
      swarm.leaderless = true
    },
    dispose: async () => {},
  }
})
