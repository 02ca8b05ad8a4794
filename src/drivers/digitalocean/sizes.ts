import { formatMemory, parseMemory } from '../../domain/memory.ts'
import { type BeltError, usageError } from '../../errors.ts'
import type { Size } from './vendor.ts'

/** The family that costs least; its other members have a brand of processor in the slug. */
const BASIC = /^s-\d+vcpu-\d+(mb|gb)(-\d+gb)?$/

/** Droplets of this family are in no list by tag, so Belt could not see what it made. */
const UNSEEN = /^gpu-/

/** How many sizes a hint names. */
const NEAR = 3

/**
 * Finds the vendor's size for what the user wrote: a slug, or an amount of memory, for which it is the cheapest basic
 * size with exactly that.
 * @throws a usage error with sizes that are near and to be had in the region
 */
export function resolveSize(written: string, region: string, sizes: readonly Size[]): Size {
  if (UNSEEN.test(written)) {
    throw usageError('bad-size', `Belt makes no droplets with a GPU, such as ${written}`, {
      hint: 'use a size without one, such as s-1vcpu-1gb',
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

/** A size with what it is and costs, for notes. */
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
    elsewhere === undefined ? undefined : `${written} is to be had in ${elsewhere}`,
    near.length === 0 ? undefined : `${region} has ${near.slice(0, NEAR).map(describeSize).join(', ')}`,
  ].filter(hint => hint !== undefined)
  return usageError('bad-size', `DigitalOcean has no size ${written} in ${region}`, {
    hint: hints.join('; ') || `is ${region} a region of DigitalOcean?`,
    details: { size: written, region },
  })
}

function byPrice(a: Size, b: Size): number {
  return a.price_monthly - b.price_monthly || a.slug.localeCompare(b.slug)
}
