import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { precheckError, reasonOf } from '../../errors.ts'
import { withFileLock } from '../../file-lock.ts'
import { templatePath } from '../../package-files.ts'
import type { Progress, ProgressTask } from '../../progress.ts'
import type { Engine, StreamEvent } from './engine.ts'
import { EngineError } from './engine-error.ts'
import type { DockerOptions } from './options.ts'

const TEMPLATE = templatePath('docker')

/** Includes downloads over a slow connection. */
const TRANSFER_DEADLINE_MS = 20 * 60_000

interface Watch {
  signal?: AbortSignal | undefined
  progress: Progress
}

/**
 * Ensures that the machine image exists: the image in the config, otherwise one built from the template, with a tag that
 * depends on the template's content.
 * @returns the image's name
 * @throws a precheck error if the image, or its base image, neither exists nor can be pulled
 */
export async function ensureImage(engine: Engine, options: DockerOptions, watch: Watch): Promise<string> {
  if (options.image !== undefined) {
    await ensurePulled(
      engine,
      options.image,
      watch,
      `run docker pull ${options.image}, or set docker.image to another image`,
    )
    return options.image
  }
  const tag = await templateTag(options.base_image)
  if (await hasImage(engine, tag)) return tag
  const building = { deadlineMs: TRANSFER_DEADLINE_MS, signal: watch.signal }
  await withFileLock(buildLock(tag), () => pullAndBuild(engine, tag, options, watch), building)
  return tag
}

/** Several Belts of a user that create their first machines build the image once. */
function buildLock(tag: string): string {
  return join(tmpdir(), `belt-${process.getuid?.() ?? 'user'}-${tag.replace(':', '-')}`)
}

async function pullAndBuild(
  engine: Engine,
  tag: string,
  options: DockerOptions,
  watch: Watch,
): Promise<void> {
  if (await hasImage(engine, tag)) return // another Belt has just built it
  const hint = [
    `run docker pull ${options.base_image} with access to a registry;`,
    'or set docker.base_image to a Debian 12 image that the engine already has (docker images);',
    'or build one: mmdebstrap --variant=minbase bookworm base.tar && docker import base.tar',
    options.base_image,
  ].join(' ')
  await ensurePulled(engine, options.base_image, watch, hint)
  await build(engine, tag, options.base_image, watch)
}

/** The tag depends on what the image was built from, so that a new version of Belt does not use an old image. */
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
    throw precheckError('image-missing', `cannot pull image ${image}: ${error.message}`, {
      cause: error,
      hint,
    })
  }
}

async function build(engine: Engine, tag: string, baseImage: string, watch: Watch): Promise<void> {
  const src = await templateFiles()
  const task = watch.progress.start('Building the machine image')
  try {
    await engine.follow(
      'building the machine image',
      (docker, abortSignal) =>
        docker.buildImage(
          { context: TEMPLATE, src },
          // Use the host's network, because DNS may not work on a bridge network.
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

function showStep({ stream }: StreamEvent, task: ProgressTask): void {
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
