import { describe, expect, it } from 'vitest'
import { engineEndpoint } from '../../../src/drivers/docker/endpoint.ts'

describe('the URL of an engine', () => {
  it('may name a socket', () => {
    expect(engineEndpoint('unix:///run/my.sock')).toMatchObject({
      url: 'unix:///run/my.sock',
      connection: { socketPath: '/run/my.sock' },
      isSocket: true,
      publish: { on: '127.0.0.1', at: '127.0.0.1' },
    })
  })

  it('may name a pipe of Windows', () => {
    const { connection } = engineEndpoint('npipe:////./pipe/docker_engine')
    expect(connection.socketPath).toBe('//./pipe/docker_engine')
  })

  it('may name this computer, where ports are published for nobody else', () => {
    expect(engineEndpoint('tcp://localhost:2375')).toMatchObject({
      connection: { host: 'localhost', port: '2375' },
      isSocket: false,
      publish: { on: '127.0.0.1', at: '127.0.0.1' },
    })
  })

  it('may name another computer, where ports have to be published to be reached', () => {
    expect(engineEndpoint('tcp://docker:2375').publish).toEqual({ on: '0.0.0.0', at: 'docker' })
  })

  it('has the usual ports', () => {
    expect(engineEndpoint('tcp://10.0.0.1').connection.port).toBe(2375)
    expect(engineEndpoint('https://10.0.0.1').connection).toMatchObject({ port: 2376, protocol: 'https' })
  })

  it('is that of a local socket when none is given', () => {
    expect(engineEndpoint().isSocket).toBe(true)
  })
})
