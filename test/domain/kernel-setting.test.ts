import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isGlobal, kernelPath, kernelSetting, satisfiesSetting } from '../../src/domain/kernel-setting.ts'

describe('kernelSetting', () => {
  it.each([
    ['net.core.somaxconn', '4096', '128', '4096'],
    ['net.core.somaxconn', '4096', '65535', '65535'],
    ['fs.file-max', '1000000', '9223372036854775807', '9223372036854775807'],
    ['net.ipv4.tcp_rmem', '4096 131072 6291456', '8192\t87380\t33554432', '8192 131072 33554432'],
    ['net.ipv4.tcp_keepalive_time', '<=600', '7200', '600'],
    ['net.ipv4.tcp_keepalive_time', '<=600', '300', '300'],
    ['vm.swappiness', '=1', '60', '1'],
    ['net.ipv4.ip_local_port_range', '10240 65535', '32768\t60999', '10240 65535'],
    ['net.ipv4.ip_local_port_range', '10240 60000', '1024\t65000', '1024 65000'],
    ['net.ipv4.ip_local_reserved_ports', '2377,2376', '8080', '2376-2377,8080'],
    ['net.ipv4.ip_local_reserved_ports', '2377', '', '2377'],
    ['net.ipv4.tcp_congestion_control', 'bbr', 'cubic', 'bbr'],
    ['net.ipv4.tcp_rmem', '4096 131072 6291456', 'nonsense', '4096 131072 6291456'],
  ])('%s=%s where it is %j becomes %j', (key, value, current, merged) => {
    expect(kernelSetting(key, value).merge(current)).toBe(merged)
  })

  it('takes nothing away from any of several values', () => {
    expect(kernelSetting('net.core.somaxconn', '4096').merge('128', '8192')).toBe('8192')
    expect(kernelSetting('net.core.somaxconn', '4096').merge('8192', '128')).toBe('8192')
  })

  it('reads a key with slashes as sysctl does', () => {
    expect(kernelSetting('net/ipv4/conf/eth0.1/rp_filter', '1').key).toBe('net.ipv4.conf.eth0/1.rp_filter')
    expect(kernelPath('net.ipv4.conf.eth0/1.rp_filter')).toBe('net/ipv4/conf/eth0.1/rp_filter')
  })

  it.each([
    'somaxconn',
    '',
    'net..core',
    'net.ipv4.conf.*.rp_filter',
    '../../etc/passwd',
    'net.core.x;reboot',
    '/proc',
  ])('refuses the key %j', key => {
    expect(() => kernelSetting(key, '1')).toThrow(/is not a (valid )?kernel setting/)
  })

  it.each([
    ['net.core.somaxconn', ''],
    ['net.core.somaxconn', '='],
    ['net.core.somaxconn', '1\u0000'],
    ['net.ipv4.tcp_keepalive_time', '<=soon'],
    ['net.ipv4.ip_local_port_range', '1024'],
    ['net.ipv4.ip_local_reserved_ports', '9-3'],
  ])('refuses %s=%j', (key, value) => {
    expect(() => kernelSetting(key, value)).toThrow(/is not a (valid )?kernel setting/)
  })
})

describe('a number that is asked for', () => {
  const number = fc.bigInt({ min: 0n, max: 2n ** 64n })

  it('is never lowered, is met, and stays when it is asked for again', () => {
    fc.assert(
      fc.property(number, fc.array(number), (wanted, current) => {
        const setting = kernelSetting('net.core.somaxconn', String(wanted))
        const merged = setting.merge(...current.map(String))
        for (const value of [wanted, ...current]) expect(BigInt(merged) >= value).toBe(true)
        expect(satisfiesSetting(merged, setting)).toBe(true)
        expect(setting.merge(merged)).toBe(merged)
      }),
    )
  })

  it('is never raised when it is the most', () => {
    fc.assert(
      fc.property(number, number, (wanted, current) => {
        const merged = BigInt(kernelSetting('net.x', `<=${wanted}`).merge(String(current)))
        expect(merged <= wanted && merged <= current).toBe(true)
      }),
    )
  })
})

describe('satisfies', () => {
  it('accepts more than was asked for', () => {
    expect(satisfiesSetting('8192', kernelSetting('net.core.somaxconn', '4096'))).toBe(true)
    expect(satisfiesSetting('128', kernelSetting('net.core.somaxconn', '4096'))).toBe(false)
    expect(
      satisfiesSetting('32768\t60999\n', kernelSetting('net.ipv4.ip_local_port_range', '40000 50000')),
    ).toBe(true)
  })
})

describe('isGlobal', () => {
  it.each([
    ['fs.inotify.max_user_watches', true],
    ['vm.max_map_count', true],
    ['kernel.pid_max', true],
    ['net.core.somaxconn', false],
    ['kernel.shmmax', false],
    ['fs.mqueue.msg_max', false],
  ])('of %s is %s', (key, global) => {
    expect(isGlobal(key)).toBe(global)
  })
})
