import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { commandLine } from '../../src/remote/command.ts'
import { parseHostname, readHostnameCommand, setHostnameCommand } from '../../src/remote/hostname.ts'

describe('parseHostname', () => {
  it('parses each name', () => {
    const stdout = 'live ubuntu\nconfigured \nengine \nhosts\n127.0.0.1 localhost\nhosts\n'
    expect(parseHostname(stdout)).toEqual({
      live: 'ubuntu',
      configured: '',
      engine: undefined,
      hosts: '127.0.0.1 localhost\nhosts\n',
    })
  })

  it('parses the output of a real host', () => {
    const stdout = execFileSync('sh', ['-c', commandLine(readHostnameCommand)], { encoding: 'utf8' })
    expect(parseHostname(stdout)).toMatchObject({
      live: hostname(),
      hosts: readFileSync('/etc/hosts', 'utf8'),
    })
  })
})

it('setHostnameCommand sends the hosts file on standard input, and its size', () => {
  const command = setHostnameCommand('node1', '127.0.1.1 nöde\n')
  expect(command.stdin).toBe('127.0.1.1 nöde\n')
  expect(commandLine(command)).toContain('-eq 16 ]')
  expect(commandLine(command)).toContain('hostnamectl set-hostname node1')
})
