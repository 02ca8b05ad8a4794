import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { commandLine } from '../../src/remote/command.ts'
import {
  applyKernelCommand,
  parseKernelReading,
  parseRefusals,
  readKernelCommand,
  sysctlFile,
} from '../../src/remote/sysctl.ts'

const shell = (command: Parameters<typeof commandLine>[0]) =>
  execFileSync('sh', ['-c', commandLine(command)], { encoding: 'utf8' })

describe('parseKernelReading', () => {
  it('reports whether each key exists and is writable', () => {
    const stdout = [
      'container',
      'writable net/core/somaxconn 128 ',
      'writable net/ipv4/ip_local_port_range 32768\t60999 ',
      'writable net/ipv4/ip_local_reserved_ports  ',
      'read-only net/core/rmem_max 212992 ',
      'absent net/ipv4/conf/eth0.1/rp_filter',
      'unreadable net/ipv4/route/flush',
      'file',
      '# file',
      ' net.core.somaxconn=  1024 ',
      'net.ipv4.ip_local_port_range = 1024\t65000',
      '; net.core.rmem_max = 1',
      'net.ipv4.ip_local_reserved_ports =',
      '',
    ]
    expect(parseKernelReading(stdout.join('\n'))).toEqual({
      isContainer: true,
      live: new Map([
        ['net.core.somaxconn', { state: 'writable', value: '128' }],
        ['net.ipv4.ip_local_port_range', { state: 'writable', value: '32768 60999' }],
        ['net.ipv4.ip_local_reserved_ports', { state: 'writable', value: '' }],
        ['net.core.rmem_max', { state: 'read-only', value: '212992' }],
        ['net.ipv4.conf.eth0/1.rp_filter', { state: 'absent' }],
        ['net.ipv4.route.flush', { state: 'unreadable' }],
      ]),
      file: new Map([
        ['net.core.somaxconn', '1024'],
        ['net.ipv4.ip_local_port_range', '1024 65000'],
        ['net.ipv4.ip_local_reserved_ports', ''],
      ]),
    })
  })

  it('parses the output of a real kernel', () => {
    const { live } = parseKernelReading(shell(readKernelCommand(['kernel.ostype', 'net.core.nosuchkey'])))
    expect(live.get('kernel.ostype')).toEqual({ state: 'read-only', value: 'Linux' })
    expect(live.get('net.core.nosuchkey')).toEqual({ state: 'absent' })
  })
})

describe('applyKernelCommand', () => {
  it('reports the keys that the kernel refuses', () => {
    const stdout = shell(
      applyKernelCommand(
        new Map([
          ['kernel.ostype', "it's"],
          ['net.core.nosuchkey', '1'],
        ]),
      ),
    )
    expect([...parseRefusals(stdout).keys()]).toEqual(['kernel.ostype', 'net.core.nosuchkey'])
    expect([...parseRefusals(stdout).values()].join()).toMatch(/denied|read-only|No such|nonexistent/i)
  })
})

describe('sysctlFile', () => {
  it('sorts the keys, and is parsed back unchanged', () => {
    const text = sysctlFile(
      new Map([
        ['vm.swappiness', '1'],
        ['net.ipv4.ip_local_port_range', '1 2'],
      ]),
    )
    expect(text).toMatch(/^# .*\nnet\.ipv4\.ip_local_port_range = 1 2\nvm\.swappiness = 1\n$/)
    expect([...parseKernelReading(`file\n${text}`).file.keys()]).toEqual([
      'net.ipv4.ip_local_port_range',
      'vm.swappiness',
    ])
  })
})
