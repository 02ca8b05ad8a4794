import { afterAll, beforeAll, describe } from 'vitest'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'
import { describeAgent } from './one-swarm/agent.ts'
import { describeEngineSocket } from './one-swarm/engine-socket.ts'
import { describePassthrough } from './one-swarm/passthrough.ts'
import { describeSelectors } from './one-swarm/selectors.ts'

const engine = await requireEngine()

/**
 * The tests that hardly change a swarm share one: a manager, `mg0`, two workers, and `node3`, which is not in it.
 * Each leaves it as it was, but for the last. With a swarm for each of them it would be ten machines.
 */
describe.skipIf(!engine)('on one swarm,', () => {
  let cluster: TestCluster
  const lend = () => cluster

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    await cluster.succeed(['create', 'mg0,node[1:3]'])
    await cluster.succeed(['swarm', 'init', 'mg0'])
    await cluster.succeed(['swarm', 'join', 'mg0', 'node[1:2]'])
  })
  afterAll(() => cluster.destroy())

  describe('the passthrough', () => describePassthrough(lend))
  describe("Belt's agent", () => describeAgent(lend))
  describe('an engine', () => describeEngineSocket(lend))
  describe('selecting nodes of a running swarm', () => describeSelectors(lend))
})
