import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FIRST_BOOT_LOG, firstBootJoinScript } from '../../src/remote/first-boot-join.ts'

const TOKEN = 'SWMTKN-1-secret'
const MANAGERS = ['10.0.0.1:2377', '10.0.0.2:2377']

/** A docker that stands to swarms as a file says, and answers requests as another file says, each noted. */
const DOCKER = `#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >>arguments
case $1 in
  info) head -n 1 states; sed -i 1d states ;;
  system)
    while IFS= read -r line; do
      echo "$line" >>requests
      case $line in
        Content-Length:*) length=$(echo "$line" | tr -cd 0-9) ;;
        ?) break ;;
      esac
    done
    { head -c "$length"; echo; } >>requests
    cat answer ;;
esac
`

describe('the script that joins a swarm at the first start', () => {
  let folder: string
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'belt-first-boot-'))
    writeFileSync(join(folder, 'docker'), DOCKER)
    writeFileSync(join(folder, 'sleep'), '#!/bin/sh\n')
    for (const name of ['docker', 'sleep']) chmodSync(join(folder, name), 0o755)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Runs the script to the end of what it leaves in the background, on a machine with these states in turn. */
  function run(states: readonly string[], answer: string): string {
    writeFileSync(join(folder, 'states'), `${states.join('\n')}\n`)
    writeFileSync(join(folder, 'answer'), answer)
    const script = firstBootJoinScript({ token: TOKEN, managers: MANAGERS, spreadSeconds: 0 })
    writeFileSync(join(folder, 'script'), `${script.replace(FIRST_BOOT_LOG, join(folder, 'log'))}wait\n`)
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
    execFileSync('sh', [join(folder, 'script')], { env, timeout: 10_000 })
    return read('log')
  }

  it('waits for the engine, then asks it to join through one manager', () => {
    expect(run(['', '', 'inactive', 'active'], 'HTTP/1.0 200 OK\r\n\r\n')).toContain('a member of a swarm')
    expect(read('requests')).toMatch(/^POST \/swarm\/join HTTP\/1\.0\r\nHost: docker\r\n/)
    const body = JSON.parse(read('requests').split('\r\n\r\n')[1] ?? '') as { RemoteAddrs: string[] }
    expect(body).toMatchObject({ JoinToken: TOKEN, ListenAddr: '0.0.0.0:2377' })
    expect(MANAGERS).toContain(body.RemoteAddrs[0])
  })

  it('tries the managers in turn while they refuse', () => {
    run(['inactive', 'inactive', 'active'], 'HTTP/1.0 503 X\r\n\r\n{"message":"connection refused"}')
    const asked = [...read('requests').matchAll(/"RemoteAddrs":\["([^"]+)"\]/g)].map(([, address]) => address)
    expect(asked.toSorted()).toEqual(MANAGERS)
  })

  it('waits while the engine retries a join by itself, and starts over when the engine gives up', () => {
    run(
      ['inactive', 'pending', 'pending', 'error', 'inactive', 'active'],
      'HTTP/1.0 503 X\r\n\r\n{"message":"Timeout"}',
    )
    expect(read('requests').match(/POST/g)).toHaveLength(2)
    expect(read('arguments').match(/swarm leave/g)).toHaveLength(1)
  })

  it('gives up when its token is no longer valid', () => {
    const refusal = 'HTTP/1.0 400 X\r\n\r\n{"message":"A valid join token is necessary to join this cluster"}'
    expect(run(['inactive', 'inactive'], refusal)).toMatch(/valid join token.*given up\n$/s)
    expect(read('requests').match(/POST/g)).toHaveLength(1)
  })

  it('keeps the token out of arguments and the log', () => {
    expect(run(['inactive', 'active'], 'HTTP/1.0 503 X\r\n\r\n{"message":"refused"}')).not.toContain(TOKEN)
    expect(read('arguments')).not.toContain(TOKEN)
  })
})
