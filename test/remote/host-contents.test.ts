import { describe, expect, it } from 'vitest'
import { parsePlainContainers, parseVolumes } from '../../src/remote/host-contents.ts'

describe('parsePlainContainers', () => {
  it('leaves out the containers of services', () => {
    const body = JSON.stringify([
      { Id: 'a'.repeat(64), Names: ['/pg'], State: 'running', Labels: {} },
      { Id: 'b'.repeat(64), Names: [], State: 'exited', Labels: null },
      {
        Id: 'c'.repeat(64),
        Names: ['/web.1.x'],
        State: 'running',
        Labels: { 'com.docker.swarm.task.id': 't1' },
      },
    ])
    expect(parsePlainContainers(body)).toEqual([
      { name: 'pg', isRunning: true },
      { name: 'bbbbbbbbbbbb', isRunning: false },
    ])
  })

  it('refuses what is not a list of containers', () => {
    expect(() => parsePlainContainers('{"message":"x"}')).toThrow(SyntaxError)
    expect(() => parsePlainContainers('[{"Id":"a","Names":"pg"}]')).toThrow(SyntaxError)
  })
})

describe('parseVolumes', () => {
  it('leaves out volumes that were given no name', () => {
    const body = JSON.stringify({ Volumes: [{ Name: 'pgdata' }, { Name: 'f'.repeat(64) }], Warnings: null })
    expect(parseVolumes(body)).toEqual(['pgdata'])
    expect(parseVolumes('{"Volumes":null}')).toEqual([])
  })
})
