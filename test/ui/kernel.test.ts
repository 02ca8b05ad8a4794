import { expect, it } from 'vitest'
import { kernelText } from '../../src/ui/kernel.ts'

it('shows hosts with the same result in one row', () => {
  const key = { key: 'net.core.somaxconn', live: '128', wanted: '4096', state: 'drift' } as const
  const hosts = [
    ...['node1', 'node2', 'node3', 'node4'].map(name => ({ name, keys: [key] })),
    { name: 'node5', keys: [{ ...key, live: '4096', file: '4096', state: 'as-wanted' as const }] },
    { name: 'node6', keys: [{ ...key, state: 'refused' as const, reason: 'Invalid argument' }] },
  ]
  expect(kernelText(hosts).split('\n')).toEqual([
    'NODES      KEY                 LIVE  FILE  WANTED  STATE',
    'node[1:4]  net.core.somaxconn  128   -     4096    differs',
    'node5      net.core.somaxconn  4096  4096  4096    ok',
    'node6      net.core.somaxconn  128   -     4096    refused: Invalid argument',
    '',
  ])
})
