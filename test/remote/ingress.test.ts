import { describe, expect, it } from 'vitest'
import { parseIngress } from '../../src/remote/ingress.ts'

const NETWORKS = '\n[{"Subnet":"10.0.0.0/24","Gateway":"10.0.0.1"}]\n\n'
const service = (mode: string, replicas: string, ports: string) =>
  `{"ID":"x","Image":"web","Mode":"${mode}","Name":"web","Ports":"${ports}","Replicas":"${replicas}"}\n`

describe('parseIngress', () => {
  it('finds the ingress network by its type, not its name', () => {
    expect(parseIngress(NETWORKS)).toEqual({ subnets: ['10.0.0.0/24'], services: [] })
  })

  it('returns nothing if there is no such network', () => {
    expect(parseIngress('\n\n')).toEqual({ subnets: [], services: [] })
  })

  it('counts the desired tasks of services that publish ports', () => {
    const text =
      NETWORKS +
      service('replicated', '1/3 (max 1 per node)', '*:80-\\u003e80/tcp') +
      service('global', '5/5', '*:443-\\u003e443/tcp') +
      service('replicated', '9/9', '')
    expect(parseIngress(text).services).toEqual([
      { isGlobal: false, tasks: 3 },
      { isGlobal: true, tasks: 5 },
    ])
  })

  it('ignores IPv6 subnets', () => {
    const text = '[{"Subnet":"fd00::/64"},{"Subnet":"10.255.0.0/16"}]\n'
    expect(parseIngress(text).subnets).toEqual(['10.255.0.0/16'])
  })
})
