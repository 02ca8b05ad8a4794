import { describe, expect, it } from 'vitest'
import { allOf, requirementsOf } from '../../../src/domain/swarm/task-placement.ts'
import type { Plugin, Service } from '../../../src/domain/swarm/workload.ts'
import { serviceNamed } from '../../support/fake-services.ts'
import { healthNode } from '../../support/health-node.ts'

const LOCAL: Plugin = { type: 'Volume', name: 'local' }
const JSON_FILE: Plugin = { type: 'Log', name: 'json-file' }

const judge = (change: Partial<Service>, node = healthNode('node1')) =>
  allOf(requirementsOf(serviceNamed('web', change)), requirement => requirement.judge(node))

describe('requirementsOf', () => {
  it('knows the two names of an architecture, and lets an image without platforms run anywhere', () => {
    expect(judge({ platforms: [] })).toBe('yes')
    expect(judge({ platforms: [{ os: 'linux', architecture: 'amd64' }] })).toBe('yes')
    expect(judge({ platforms: [{ os: 'linux', architecture: 'arm64' }] })).toBe('no')
    expect(judge({ platforms: [{ os: '', architecture: '' }] })).toBe('yes')
  })

  it('cannot judge the platform of a node that has reported none', () => {
    const node = healthNode('node1', { platform: { os: '', architecture: '' } })
    expect(judge({ platforms: [{ os: 'linux', architecture: 'amd64' }] }, node)).toBe('unknown')
  })

  it.each<[string, Plugin, readonly Plugin[] | undefined, string]>([
    [
      'a plugin by its name',
      { type: 'Volume', name: 'nfs' },
      [LOCAL, { type: 'Volume', name: 'nfs' }],
      'yes',
    ],
    [
      'the tag of its newest version',
      { type: 'Volume', name: 'nfs' },
      [{ type: 'Volume', name: 'nfs:latest' }],
      'yes',
    ],
    ['a plugin that is missing', { type: 'Volume', name: 'nfs' }, [LOCAL], 'no'],
    ['a plugin of another type', { type: 'Network', name: 'local' }, [LOCAL], 'no'],
    ['a log driver that is missing', { type: 'Log', name: 'loki' }, [JSON_FILE], 'no'],
    ['a log driver where none is reported', { type: 'Log', name: 'loki' }, [LOCAL], 'yes'],
    ['a node that has reported no plugins', { type: 'Volume', name: 'nfs' }, undefined, 'unknown'],
  ])('judges %s', (_, plugin, plugins, judgement) => {
    expect(judge({ plugins: [plugin] }, healthNode('node1', { plugins }))).toBe(judgement)
  })
})
