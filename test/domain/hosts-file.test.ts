import { describe, expect, it } from 'vitest'
import { renameInHosts } from '../../src/domain/hosts-file.ts'

const LOCALHOST = '127.0.0.1\tlocalhost\n'

describe('renameInHosts', () => {
  it.each([
    ['a line of the old name', '127.0.1.1\tubuntu\n', '127.0.1.1\tnode1\n'],
    ['its domain too', '127.0.1.1 ubuntu.example.com ubuntu\n', '127.0.1.1 node1.example.com node1\n'],
    ['an address of the network', '10.0.0.4 ubuntu # here\n', '10.0.0.4 node1 # here\n'],
    ['no other name', '10.0.0.5 ubuntu2 my-ubuntu\n', '10.0.0.5 ubuntu2 my-ubuntu\n127.0.1.1\tnode1\n'],
    ['no comment', '# 10.0.0.4 ubuntu\n', '# 10.0.0.4 ubuntu\n127.0.1.1\tnode1\n'],
  ])('renames %s', (_, before, after) => {
    expect(renameInHosts(LOCALHOST + before, 'ubuntu', 'node1')).toBe(LOCALHOST + after)
  })

  it('leaves localhost alone, also where the host itself was called so', () => {
    expect(renameInHosts('127.0.0.1 localhost ubuntu\n', 'ubuntu', 'node1')).toBe(
      '127.0.0.1 localhost ubuntu\n127.0.1.1\tnode1\n',
    )
    expect(renameInHosts('::1 localhost', 'localhost', 'node1')).toBe('::1 localhost\n127.0.1.1\tnode1\n')
  })

  it('changes nothing where the name is listed already', () => {
    const text = '127.0.1.1 ubuntu\n10.0.0.4 node1'
    expect(renameInHosts(text, 'ubuntu', 'node1')).toBe(text)
  })

  it('changes nothing the second time', () => {
    const once = renameInHosts('', 'ubuntu', 'node1')
    expect(renameInHosts(once, 'node1', 'node1')).toBe(once)
  })
})
