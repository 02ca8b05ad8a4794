import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firewallOrder } from '../../../src/drivers/digitalocean/firewall.ts'
import { notingProgress, Subject } from '../../support/digitalocean/subject.ts'

describe('the firewall of a cluster', () => {
  let subject: Subject
  beforeEach(async () => {
    subject = await Subject.start()
  })
  afterEach(async () => expect(await subject.stop()).toEqual([]))

  const specs = [{ name: 'node1', size: '1gb' }]

  it('lets SSH in from where it is told, and the ports of the swarm from the cluster', () => {
    const { tags, inbound_rules } = firewallOrder('prod', ['203.0.113.0/24'])
    expect(tags).toEqual(['belt:cluster:prod'])
    expect(
      inbound_rules.map(
        ({ protocol, ports, sources }) => `${protocol} ${ports} ${sources.tags ?? sources.addresses}`,
      ),
    ).toEqual([
      'tcp 22 203.0.113.0/24',
      'tcp 2377 belt:cluster:prod',
      'tcp 7946 belt:cluster:prod',
      'udp 7946 belt:cluster:prod',
      'udp 4789 belt:cluster:prod',
      'icmp 0 belt:cluster:prod',
    ])
  })

  it('is made once, with a word on what it does not let through, and goes with the last machine', async () => {
    const driver = subject.driver({ firewall: true })
    const progress = notingProgress()
    await driver.create(specs, { progress })
    await driver.create([{ name: 'node2', size: '1gb' }])
    const { firewalls } = subject.emulator.cloud
    expect(firewalls.map(({ name }) => name)).toEqual(['belt-mine'])
    expect(progress.notes.join()).toContain('ESP')
    await driver.destroy(await driver.list())
    expect(firewalls).toEqual([])
  })

  it('is not made twice when an answer is lost', async () => {
    subject.emulator.faults.plan('cut-after', /POST .*firewalls/)
    subject.emulator.faults.plan('fail', /POST .*tags/)
    const [outcome] = await subject.driver({ firewall: true }).create(specs)
    expect(outcome?.ok).toBe(true)
    expect(subject.emulator.cloud.firewalls).toHaveLength(1)
  })
})
