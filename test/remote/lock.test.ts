import { describe, expect, it } from 'vitest'
import { parseEngineResponse } from '../../src/remote/engine.ts'
import { cameTooLate, createLockRequest, parseLock, replaceLockRequest } from '../../src/remote/lock.ts'

const claim = {
  token: 'b7',
  holder: 'alice@laptop (ci#4211)',
  command: "belt swarm join mg0 'node[1:4]'",
  since: '2026-03-01T08:00:00.000Z',
}
const labels = {
  'belt.token': 'b7',
  'belt.holder': claim.holder,
  'belt.command': claim.command,
  'belt.since': claim.since,
}
const body = JSON.stringify({
  ID: '9r26',
  Version: { Index: 24 },
  CreatedAt: '2026-03-01T08:00:00.644917978Z',
  UpdatedAt: '2026-03-01T08:00:20.691929389Z',
  Spec: { Name: 'belt-lock', Labels: labels, Data: 'LQ==' },
})

describe('the lock of a swarm', () => {
  it('is a config with the holder in its labels', () => {
    expect(createLockRequest(claim).engine).toMatchObject({
      method: 'POST',
      path: '/configs/create',
      body: { Name: 'belt-lock', Labels: labels },
    })
  })

  it('is parsed with its version and the time of its last renewal', () => {
    expect(parseLock(body)).toEqual({
      id: '9r26',
      version: 24,
      renewedAt: new Date('2026-03-01T08:00:20.691Z'),
      claim,
    })
  })

  it.each([
    ['without a version', { ID: 'x', UpdatedAt: '2026-03-01T08:00:00Z', Spec: {}, Version: 3 }],
    ['with a time that is none', { ID: 'x', UpdatedAt: 'soon', Spec: {}, Version: { Index: 1 } }],
    ['with labels that are no texts', { ...JSON.parse(body), Spec: { Labels: { 'belt.token': 7 } } }],
    ['of another kind', [body]],
  ])('is not understood %s', (_, config) => {
    expect(() => parseLock(JSON.stringify(config))).toThrow(SyntaxError)
  })

  it('is replaced only at the version that was read', () => {
    expect(replaceLockRequest(parseLock(body), claim).engine).toMatchObject({
      method: 'POST',
      path: '/configs/9r26/update?version=24',
    })
  })

  it.each([
    [404, 'config belt-lock not found', true],
    [409, 'config belt-lock already exists', true],
    [500, 'rpc error: code = Unknown desc = update out of sequence', true],
    [500, 'The swarm does not have a leader', false],
    [503, 'This node is not a swarm manager', false],
    [201, '', false],
  ])('status %i %j: another came first is %s', (status, message, late) => {
    expect(cameTooLate({ status, date: undefined, body: JSON.stringify({ message }) })).toBe(late)
  })
})

it('an answer of the engine contains the time of its host', () => {
  const stdout =
    'HTTP/1.0 200 OK\r\nServer: Docker\r\nDate: Sun, 01 Mar 2026 08:00:20 GMT\r\n\r\nDate: no\r\n'
  expect(parseEngineResponse(stdout)).toEqual({
    status: 200,
    date: new Date('2026-03-01T08:00:20Z'),
    body: 'Date: no\r\n',
  })
  expect(parseEngineResponse('HTTP/1.0 200 OK\r\nDate: soon\r\n\r\n')?.date).toBeUndefined()
  expect(parseEngineResponse('HTTP/1.0 200 OK\r\n\r\nDate: no\r\n')?.date).toBeUndefined()
})
