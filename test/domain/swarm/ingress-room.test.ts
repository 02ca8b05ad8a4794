import { describe, expect, it } from 'vitest'
import { ingressRoom } from '../../../src/domain/swarm/ingress-room.ts'

describe('the room of the ingress network', () => {
  it('is what the subnet leaves besides network, gateway and broadcast', () => {
    expect(ingressRoom(['10.0.0.0/24'], 3, []).has).toBe(253)
    expect(ingressRoom(['10.0.0.0/16'], 3, []).has).toBe(65_533)
    expect(ingressRoom(['10.0.0.0/24', '10.0.1.0/24'], 3, []).has).toBe(506)
  })

  it('is taken by every node, every published service and each of its tasks', () => {
    const services = [
      { isGlobal: false, tasks: 4 },
      { isGlobal: true, tasks: 10 },
    ]
    expect(ingressRoom(['10.0.0.0/24'], 100, services).needs).toBe(100 + 5 + 101)
  })
})
