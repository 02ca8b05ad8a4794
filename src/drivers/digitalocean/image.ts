import { type BeltError, precheckError } from '../../errors.ts'
import type { Api } from './api.ts'
import type { Image } from './vendor.ts'

/**
 * Finds the configured image: by id or slug, otherwise by the name of one of the account's snapshots.
 * @returns its slug or id
 * @throws a precheck error if there is none, if several have the name, or if it is not available in a region
 */
export async function resolveImage(
  api: Api,
  written: string | number,
  regions: readonly string[],
): Promise<string | number> {
  const image = (await api.image(String(written))) ?? (await namedImage(api, String(written)))
  const without = regions.filter(region => !image.regions.includes(region))
  if (without.length === 0) return image.slug ?? image.id
  throw badImage(
    `the image ${written} is not available in ${without.join(', ')}`,
    `it is available in ${image.regions.join(', ') || 'no region'}; copy a snapshot to another region: doctl compute image-action transfer ${image.id} --region ${without[0]}`,
  )
}

async function namedImage(api: Api, name: string): Promise<Image> {
  const images = (await api.privateImages()).filter(image => image.name === name)
  const [image, another] = images
  if (image && !another) return image
  if (!image) {
    throw badImage(
      `DigitalOcean has no image ${name}`,
      'set digitalocean.image to a slug such as ubuntu-24-04-x64, or to the id or name of a snapshot (doctl compute image list)',
    )
  }
  throw badImage(
    `${images.length} images are named ${name}`,
    `set digitalocean.image to the id of one of them: ${images.map(({ id }) => id).join(', ')}`,
  )
}

function badImage(message: string, hint: string): BeltError {
  return precheckError('bad-image', message, { hint })
}
