import { type BeltError, precheckError } from '../../errors.ts'
import type { Api } from './api.ts'
import type { Image } from './vendor.ts'

/**
 * Finds the image of the config: by id or slug, or else by the name of a snapshot of the account.
 * @returns what the API takes for it
 * @throws a precheck error when there is none, when several have the name, or when a region lacks it
 */
export async function resolveImage(
  api: Api,
  written: string | number,
  regions: readonly string[],
): Promise<string | number> {
  const image = (await api.image(String(written))) ?? (await namedImage(api, String(written)))
  const lacking = regions.filter(region => !image.regions.includes(region))
  if (lacking.length === 0) return image.slug ?? image.id
  throw badImage(
    `the image ${written} is not in ${lacking.join(', ')}`,
    `it is in ${image.regions.join(', ') || 'no region'}; a snapshot can be copied to others (doctl compute image-action transfer ${image.id} --region ${lacking[0]})`,
  )
}

async function namedImage(api: Api, name: string): Promise<Image> {
  const images = (await api.privateImages()).filter(image => image.name === name)
  const [image, another] = images
  if (image && !another) return image
  if (!image) {
    throw badImage(
      `DigitalOcean has no image ${name}`,
      'set digitalocean.image to a slug such as docker-20-04, or to the id or name of a snapshot (doctl compute image list)',
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
