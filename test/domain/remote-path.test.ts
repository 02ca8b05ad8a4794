import { describe, expect, it } from 'vitest'
import { parseRemotePath } from '../../src/domain/remote-path.ts'

describe('parseRemotePath', () => {
  it.each([
    ['node1:/etc/hosts', 'node1', '/etc/hosts'],
    ['node[1:4]:/tmp/', 'node[1:4]', '/tmp/'],
    ['node[1:4],mg0:notes.txt', 'node[1:4],mg0', 'notes.txt'],
    ['*:~/a:b', '*', 'a:b'],
    ['@failed:/a b', '@failed', '/a b'],
    ['role=worker,!node3:/x', 'role=worker,!node3', '/x'],
    ['label=zone:a:/x', 'label=zone:a', '/x'],
    ['role=worker&label=zone=a:/x', 'role=worker&label=zone=a', '/x'],
    ['label=ssd:/x', 'label=ssd', '/x'],
    ['label=ssd:x', 'label=ssd', 'x'],
    ['label=zone:a,label=rack:2,mg0:x', 'label=zone:a,label=rack:2,mg0', 'x'],
  ])('%s', (text, nodes, path) => {
    expect(parseRemotePath(text)).toEqual({ nodes, path })
  })

  it.each(['file', './a:b', '/tmp/a:b', 'dir/a:b', 'node1:', ':x', 'node[1:4]'])(
    'takes %s for a path here',
    text => {
      expect(parseRemotePath(text)).toBeUndefined()
    },
  )
})
