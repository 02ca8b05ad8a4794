import { formatMemory, parseMemory } from '../../domain/memory.ts'
import { type BeltError, usageError } from '../../errors.ts'
import type { Size } from './vendor.ts'

/** The cheapest family, without the variants that have a processor brand in the slug. */
const BASIC = /^s-\d+vcpu-\d+(mb|gb)(-\d+gb)?$/

/** Lists by tag omit droplets of this family, so Belt could not find them again. */
const UNLISTED = /^gpu-/

/** How many sizes a hint suggests. */
const SUGGESTIONS = 3

/**
 * Finds the size that the user asked for: a slug, or an amount of memory, which means the cheapest basic size with exactly
 * that amount.
 * @throws a usage error that suggests similar sizes available in the region
 */
export function resolveSize(written: string, region: string, sizes: readonly Size[]): Size {
  if (UNLISTED.test(written)) {
    throw usageError('bad-size', `Belt does not support GPU droplets such as ${written}`, {
      hint: 'use a size without a GPU, such as s-1vcpu-1gb',
    })
  }
  const offered = sizes.filter(size => size.available && size.regions.includes(region))
  const slug = sizes.find(size => size.slug === written.toLowerCase())
  if (slug && offered.includes(slug)) return slug
  const memoryMiB = parseMemory(written)
  if (slug || memoryMiB === undefined) throw notOffered(written, region, slug, offered)
  const [cheapest] = offered.filter(size => BASIC.test(size.slug) && size.memory === memoryMiB).sort(byPrice)
  if (cheapest) return cheapest
  const near = offered
    .filter(size => BASIC.test(size.slug))
    .sort((a, b) => Math.abs(a.memory - memoryMiB) - Math.abs(b.memory - memoryMiB) || byPrice(a, b))
  throw notOffered(written, region, slug, near)
}

/** A size with its resources and price, for notes. */
export function describeSize({ slug, vcpus, disk, memory, price_monthly }: Size): string {
  return `${slug} (${formatMemory(memory)}, ${vcpus} vCPU, ${disk} GB disk, $${price_monthly} a month)`
}

function notOffered(
  written: string,
  region: string,
  slug: Size | undefined,
  near: readonly Size[],
): BeltError {
  const elsewhere = slug?.available && slug.regions.length > 0 ? slug.regions.join(', ') : undefined
  const hints = [
    elsewhere === undefined ? undefined : `${written} is available in ${elsewhere}`,
    near.length === 0
      ? undefined
      : `${region} has ${near.slice(0, SUGGESTIONS).map(describeSize).join(', ')}`,
  ].filter(hint => hint !== undefined)
  return usageError('bad-size', `DigitalOcean has no size ${written} in ${region}`, {
    hint: hints.join('; ') || `check that ${region} is a DigitalOcean region: doctl compute region list`,
    details: { size: written, region },
  })
}

function byPrice(a: Size, b: Size): number {
  return a.price_monthly - b.price_monthly || a.slug.localeCompare(b.slug)
}
