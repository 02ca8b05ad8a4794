import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MASK, redact, redactArguments, redactedTail } from '../../src/domain/redact.ts'

const TOKEN = 'SWMTKN-1-4y8p3ei09t86hoh87zrqiex15p7wy29wkppdrlis499ribse1m-144ed0q2vu4ay5797lvrynr7h'
const KEY = 'SWMKEY-1-7c37Cc8654o6p38HnroywCi19pllOnGtbdZEgtKxZu8'
const PEM =
  '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\nAAAAB3NzaC1yc2E\n-----END OPENSSH PRIVATE KEY-----'

describe('redact', () => {
  it.each([
    ['a join token', `docker swarm join --token ${TOKEN} 10.0.0.1:2377`, TOKEN],
    ['an unlock key', `    ${KEY}\n`, KEY],
    ['a token of DigitalOcean', 'Authorization: dop_v1_0123456789abcdef', 'dop_v1_0123456789abcdef'],
    ['a private key', `here:\n${PEM}\nthere`, 'b3BlbnNzaC1rZXk'],
    ['a private key in JSON', JSON.stringify({ file: PEM }), 'AAAAB3NzaC1yc2E'],
    ['the end of a private key', `AAAAB3NzaC1yc2E\n-----END RSA PRIVATE KEY-----`, 'AAAAB3NzaC1yc2E'],
    ['the beginning of a private key', PEM.slice(0, -50), 'b3BlbnNzaC1rZXk'],
    ['a secret of AWS', 'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCY', 'wJalrXUtnFEMI'],
    ['a secret of AWS in JSON', '{"SecretAccessKey": "wJalrXUtnFEMI/K7MDENG"}', 'wJalrXUtnFEMI'],
    ['a variable of a service', '{"Env":["DB_PASSWORD=hunter22","PORT=1"]}', 'hunter22'],
    ['a variable behind a flag', "docker run --env=DB_PASSWD='hunter 22' img", '22'],
    ['a quoted value', 'API_TOKEN="one \\" two" next', 'two'],
    ['a password in an address', 'postgres://app:hunter22@db:5432/app', 'hunter22'],
    ['a value of YAML', 'access_token: hunter22', 'hunter22'],
    ['a header', 'authorization: Bearer abc.def', 'abc.def'],
  ])('leaves out %s', (_, text, secret) => {
    expect(redact(text)).not.toContain(secret)
    expect(redact(text)).toContain(MASK)
  })

  it('leaves out secrets that it is told, wherever they stand', () => {
    expect(redact('got xyzzy-plugh from xyzzy-plugh-2', ['xyzzy-plugh', 'xyzzy-plugh-2'])).toBe(
      `got ${MASK} from ${MASK}`,
    )
  })

  it('does not take what is too short for a secret', () => {
    expect(redact('a cat', ['a', ''])).toBe('a cat')
  })

  it.each([
    'docker node update --availability drain nq9ie986i40o49efq1s7rfrmo',
    'docker swarm join-token --quiet worker',
    'belt swarm update --autolock --unlock-key-file key.txt',
    'docker login --password-stdin registry:5000',
    'the host key of node1 has changed: SHA256:abc',
    '{"NodeID":"kp2hjlgxem2zyrvu2zn8i859l","LocalNodeState":"active"}',
  ])('leaves as it is: %s', text => {
    expect(redact(text)).toBe(text)
  })

  it('takes a long line without a break in reasonable time', () => {
    const start = performance.now()
    redact('key'.repeat(5000))
    redact('a'.repeat(16_000))
    expect(performance.now() - start).toBeLessThan(2000)
  })
})

describe('redactArguments', () => {
  it('leaves out what stands behind a flag for a secret', () => {
    expect(redactArguments(['swarm', 'join', '--token', 'abc', 'mg0:2377'])).toEqual([
      'swarm',
      'join',
      '--token',
      MASK,
      'mg0:2377',
    ])
    expect(redactArguments(['login', '--password', 'a b'])).toEqual(['login', '--password', MASK])
  })

  it('leaves out the whole value, with its blanks', () => {
    expect(redactArguments(['-e', 'DB_PASSWORD=a b', '--env=API_KEY=c d', '--password=e f'])).toEqual([
      '-e',
      `DB_PASSWORD=${MASK}`,
      `--env=API_KEY=${MASK}`,
      `--password=${MASK}`,
    ])
  })

  it('never lets a value through, whatever it holds', () => {
    const value = fc.string({ minLength: 8 }).map(text => `<${text}>`)
    fc.assert(
      fc.property(value, secret => {
        const words = redactArguments(['--token', secret, `X_SECRET=${secret}`, `--password=${secret}`])
        expect(words.some(word => word.includes(secret))).toBe(false)
      }),
    )
  })

  it('does not take the next flag for a value', () => {
    expect(redactArguments(['login', '--password', '--help'])).toEqual(['login', '--password', '--help'])
  })
})

describe('redactedTail', () => {
  it('gives the end of a long text', () => {
    expect(redactedTail('one two three', [], 5)).toBe('… three')
    expect(redactedTail('one\n', [], 5)).toBe('one')
  })

  it('holds nothing that a terminal would obey', () => {
    expect(redactedTail('a\x1b[2Jb\r\n\tc\x07\x9bd', [], 50)).toBe('a\\x1b[2Jb\n\tc\\x07\\u009bd')
  })

  it('shows no part of a secret that is cut in two', () => {
    const text = `TOKEN=${'s'.repeat(30)}`
    for (let length = 1; length < 40; length++) expect(redactedTail(text, [], length)).not.toContain('s')
  })

  it('shows no part of a secret that begins before what is looked at', () => {
    const text = `${'x'.repeat(100)} DB_PASSWORD=${'s'.repeat(100)} ${'y'.repeat(5000)}`
    for (let length = 850; length < 1050; length++) expect(redactedTail(text, [], length)).not.toContain('s')
  })
})
