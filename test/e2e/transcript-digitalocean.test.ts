import { describe, expect } from 'vitest'
import { ContainerBacking } from '../support/backing.ts'
import { DigitalOceanEmulator } from '../support/digitalocean/emulator.ts'
import { requireEngine } from '../support/engine.ts'
import { transcript } from './transcript.ts'

const engine = await requireEngine()

describe.skipIf(!engine)('the transcript on emulated droplets', () => {
  transcript({
    name: 'digitalocean',
    region: 'fra1',
    yaml: '  region: sgp1\n  size: 512mb\n',
    async setUp(publicKey) {
      const backing = new ContainerBacking()
      const emulator = await DigitalOceanEmulator.start({ backing })
      emulator.cloud.addKey('mine', publicKey)
      return {
        env: { DIGITALOCEAN_API_URL: emulator.url, DIGITALOCEAN_ACCESS_TOKEN: emulator.token },
        async tearDown() {
          await emulator.stop()
          await backing.close()
          expect(emulator.violations).toEqual([])
        },
      }
    },
  })
})
