import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ContainerBacking } from '../support/backing.ts'
import { Workplace } from '../support/belt.ts'
import { makeKey } from '../support/cluster.ts'
import { DigitalOceanEmulator } from '../support/digitalocean/emulator.ts'
import { requireEngine } from '../support/engine.ts'

const engine = await requireEngine()
const DEADLINE_MS = 30_000

describe.skipIf(!engine)('a create of droplets that was killed', () => {
  const backing = new ContainerBacking()
  let emulator: DigitalOceanEmulator
  let place: Workplace

  beforeAll(async () => {
    emulator = await DigitalOceanEmulator.start({ backing })
    place = new Workplace({
      DIGITALOCEAN_API_URL: emulator.url,
      DIGITALOCEAN_ACCESS_TOKEN: emulator.token,
    })
    makeKey(join(place.folder, 'key'))
    emulator.cloud.addKey('mine', readFileSync(join(place.folder, 'key.pub'), 'utf8').trim())
    const text = 'name: killed\ndigitalocean:\n  region: sgp1\n  size: 512mb\nssh:\n  private_key: key\n'
    writeFileSync(join(place.folder, '.belt.yaml'), text, { mode: 0o600 })
  })

  afterAll(async () => {
    await place.run(['rm', '*', '--yes'])
    await emulator.stop()
    await backing.close()
    place.remove()
  })

  const orders = () => emulator.log.filter(({ request }) => request === 'POST /v2/droplets').length

  it('leaves machines behind that belt ls tells of', async () => {
    const { code } = await place.run(['create', 'node[1:4]'], {
      onStart: async child => {
        const deadline = Date.now() + DEADLINE_MS
        while (orders() === 0 && Date.now() < deadline) await sleep(10)
        child.kill('SIGKILL')
      },
    })
    expect(code).toBe(137)
    expect(orders()).toBe(1)
    const { stderr } = await place.run(['ls'])
    expect(stderr).toMatch(/a create of node\[1:4\] was not finished.*belt create.*belt rm/)
  })

  it('leaves machines behind that belt gc lists with what they cost', async () => {
    const { stdout } = await place.run(['gc'])
    expect(stdout).toMatch(/^node1 +\S+ +sgp1 +\S+ +unfinished +4\.00$/m)
    expect(stdout).toContain('4 machines, 16.00 USD per month')
  })

  it('is completed by the same create, and nothing is made twice', async () => {
    const { code, stdout } = await place.run(['create', 'node[1:4]'])
    expect(code).toBe(0)
    expect(stdout.match(/^node\d .* active$/gm)).toHaveLength(4)
    expect(orders()).toBe(1)
    expect((await place.run(['ls'])).stderr).not.toContain('not finished')
    expect(JSON.parse((await place.run(['gc', '--json'])).stdout)).toEqual([])
  })

  it('has been removed when rm has removed its machines', async () => {
    expect((await place.run(['rm', '*', '--yes'])).code).toBe(0)
    expect(JSON.parse((await place.run(['ls', '--json'])).stdout)).toEqual([])
    expect(emulator.violations).toEqual([])
  })
})
