import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Engine } from '../../src/drivers/docker/engine.ts'
import { ensureImage } from '../../src/drivers/docker/image.ts'
import { dockerOptions } from '../../src/drivers/docker/options.ts'
import { reasonOf } from '../../src/errors.ts'
import { silentProgress } from '../../src/progress.ts'

const BASE_IMAGE_SCRIPT = fileURLToPath(new URL('../../scripts/base-image.sh', import.meta.url))

/** A Docker Engine that has the image of the machines. */
export interface TestEngine {
  /** As `DOCKER_HOST` says it. */
  readonly host: string
}

/**
 * The Docker Engine that DOCKER_HOST names, or else that of the default socket, made ready for machines.
 * @returns undefined, with a notice, when none answers; but with `CI` or `BELT_TEST_ENGINE=required` that is an error
 */
export async function requireEngine(): Promise<TestEngine | undefined> {
  const host = process.env.DOCKER_HOST || undefined
  const engine = new Engine(host)
  try {
    await engine.facts()
  } catch (error) {
    if (process.env.CI || process.env.BELT_TEST_ENGINE === 'required') throw error
    process.stderr.write(`\nSKIPPED, these tests need a Docker Engine: ${reasonOf(error)}\n`)
    return undefined
  }
  const { url } = engine.endpoint
  const options = dockerOptions.parse({ host })
  await promisify(execFile)(BASE_IMAGE_SCRIPT, [options.base_image], {
    env: { ...process.env, DOCKER_HOST: url },
  })
  await ensureImage(engine, options, { progress: silentProgress })
  return { host: url }
}
