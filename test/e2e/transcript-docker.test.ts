import { describe } from 'vitest'
import { requireEngine } from '../support/engine.ts'
import { transcript } from './transcript.ts'

const engine = await requireEngine()

describe.skipIf(!engine)('the transcript on local machines', () => {
  transcript({
    name: 'docker',
    region: 'local',
    yaml: '  size: 512mb\n',
    setUp: async () => ({ env: { DOCKER_HOST: engine?.host ?? '' }, tearDown: async () => {} }),
  })
})
