import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { precheckError, reasonOf } from '../../errors.ts'
import { templatePath } from '../../package-files.ts'
import type { Progress, Task } from '../../progress.ts'
import type { Engine, StreamEvent } from './engine.ts'
import { EngineError } from './engine-error.ts'
import type { DockerOptions } from './options.ts'

const TEMPLATE = templatePath('docker')

/** Downloads of a slow line included. */
const TRANSFER_DEADLINE_MS = 20 * 60_000

interface Watch {
  signal?: AbortSignal | undefined
  progress: Progress
}

/**
 * Provides the image of the machines: the one of the config, or else the one built from the template, under a tag
 * that changes with the template.
 * @returns its name
 * @throws a precheck error when it, or the image it is built on, is neither there nor to be had
 */
export async function ensureImage(engine: Engine, options: DockerOptions, watch: Watch): Promise<string> {
  if (options.image !== undefined) {
    await ensurePulled(
      engine,
      options.image,
      watch,
      `docker pull ${options.image}, or set docker.image to another`,
    )
    return options.image
  }
  const tag = await templateTag(options.base_image)
  if (await hasImage(engine, tag)) return tag
  const hint = [
    `docker pull ${options.base_image} where a registry can be reached;`,
    'or set docker.base_image to a Debian 12 image that the engine has (docker images);',
    'or make one: mmdebstrap --variant=minbase bookworm base.tar && docker import base.tar',
    options.base_image,
  ].join(' ')
  await ensurePulled(engine, options.base_image, watch, hint)
  await build(engine, tag, options.base_image, watch)
  return tag
}

/** The tag says what the image was built from, so that a new Belt does not use the image of an old one. */
async function templateTag(baseImage: string): Promise<string> {
  const hash = createHash('sha256').update(baseImage)
  for (const file of await templateFiles())
    hash.update(`\0${file}\0`).update(await readFile(join(TEMPLATE, file)))
  return `belt-machine:${hash.digest('hex').slice(0, 12)}`
}

async function templateFiles(): Promise<string[]> {
  return (await readdir(TEMPLATE)).sort()
}

async function ensurePulled(engine: Engine, image: string, watch: Watch, hint: string): Promise<void> {
  if (await hasImage(engine, image)) return
  const task = watch.progress.start(`Pulling ${image}`)
  try {
    await engine.follow(
      `pulling ${image}`,
      (docker, abortSignal) => docker.pull(image, { abortSignal }),
      () => {},
      { deadlineMs: TRANSFER_DEADLINE_MS, signal: watch.signal },
    )
    task.done()
  } catch (error) {
    task.fail(reasonOf(error))
    if (!(error instanceof EngineError) || error.code !== 'engine-refused') throw error
    throw precheckError('image-missing', `the image ${image} is missing: ${error.message}`, {
      cause: error,
      hint,
    })
  }
}

async function build(engine: Engine, tag: string, baseImage: string, watch: Watch): Promise<void> {
  const src = await templateFiles()
  const task = watch.progress.start('Building the image of the machines')
  try {
    await engine.follow(
      'building the image of the machines',
      (docker, abortSignal) =>
        docker.buildImage(
          { context: TEMPLATE, src },
          // The host's network: its name servers answer, which those of a bridge may not.
          { t: tag, buildargs: { BASE_IMAGE: baseImage }, networkmode: 'host', forcerm: true, abortSignal },
        ),
      event => showStep(event, task),
      { deadlineMs: TRANSFER_DEADLINE_MS, signal: watch.signal },
    )
    task.done()
  } catch (error) {
    task.fail(reasonOf(error))
    throw error
  }
}

function showStep({ stream }: StreamEvent, task: Task): void {
  const step = /^Step \d+\/\d+/.exec(stream ?? '')?.[0]
  if (step) task.update(step)
}

async function hasImage(engine: Engine, image: string): Promise<boolean> {
  try {
    await engine.call(`looking for the image ${image}`, docker => docker.getImage(image).inspect())
    return true
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return false
    throw error
  }
}
