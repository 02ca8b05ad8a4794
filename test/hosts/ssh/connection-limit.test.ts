import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { possibleConnections } from '../../../src/hosts/ssh/connection-limit.ts'

describe('the number of connections', () => {
  it('is normally the wanted number', () => {
    expect(possibleConnections(128)).toBe(128)
  })

  it('leaves 64 of the files that the process may open', () => {
    expect(under('ulimit -n 512', 1_000)).toBe('448')
  })

  it('is below the default if the process may open very few files', () => {
    expect(under('ulimit -n 128', 128)).toBe('64')
  })

  it('is the wanted number if the limit of open files is high enough', () => {
    expect(under('true', 400)).toBe('400')
  })

  it('is lower through a bastion, because its sshd needs a file for each', () => {
    expect(possibleConnections(5_000, { bastion: true })).toBe(900)
  })
})

function under(limit: string, wanted: number): string {
  const module = new URL('../../../src/hosts/ssh/connection-limit.ts', import.meta.url).href
  const script = `import(${JSON.stringify(module)}).then(m => console.log(m.possibleConnections(${wanted})))`
  const node = `exec ${process.execPath} --import tsx -e '${script}'`
  return execFileSync('sh', ['-c', `${limit} && ${node}`], { encoding: 'utf8' }).trim()
}
