import type { Image, Region, Size } from '../../../src/drivers/digitalocean/vendor.ts'

const REGIONS = ['ams3', 'fra1', 'nyc1', 'nyc3', 'sfo3', 'sgp1']

/** Where the smallest size is to be had. */
const SMALLEST_IN = ['ams3', 'fra1', 'nyc1', 'sfo3', 'sgp1']

function size(
  slug: string,
  memory: number,
  vcpus: number,
  disk: number,
  price: number,
  description = 'Basic',
  regions = REGIONS,
) {
  return {
    slug,
    memory,
    vcpus,
    disk,
    transfer: 1,
    price_monthly: price,
    price_hourly: price / 672,
    regions,
    available: true,
    description,
  }
}

/** What is on sale: shaped as the vendor's list, and no longer than tests need. */
export const sizes: (Size & { transfer: number; price_hourly: number })[] = [
  size('s-1vcpu-512mb-10gb', 512, 1, 10, 4, 'Basic', SMALLEST_IN),
  size('s-1vcpu-1gb', 1024, 1, 25, 6),
  size('s-1vcpu-1gb-amd', 1024, 1, 25, 7, 'Basic AMD'),
  size('s-1vcpu-2gb', 2048, 1, 50, 12),
  size('s-2vcpu-2gb', 2048, 2, 60, 18),
  size('s-2vcpu-4gb', 4096, 2, 80, 24),
  size('s-4vcpu-8gb', 8192, 4, 160, 48),
  size('m-2vcpu-16gb', 16384, 2, 50, 84, 'Memory-Optimized'),
  size('s-8vcpu-16gb', 16384, 8, 320, 96),
  { ...size('s-20vcpu-96gb', 98304, 20, 1920, 480), available: false },
]

export const regions: (Region & { name: string; features: string[]; sizes: string[] })[] = [
  ...REGIONS.map(slug => region(slug, true)),
  region('nyc2', false),
]

function region(slug: string, available: boolean) {
  return { slug, name: slug.toUpperCase(), available, features: [], sizes: [] }
}

export const images: (Image & { public: boolean })[] = [
  { id: 1001, name: 'Docker on Ubuntu', slug: 'docker-22-04', regions: REGIONS, public: true },
  { id: 1002, name: '24.04 (LTS) x64', slug: 'ubuntu-24-04-x64', regions: REGIONS, public: true },
  { id: 2001, name: 'belt-node', slug: null, regions: ['sgp1'], public: false },
  { id: 2002, name: 'twice', slug: null, regions: ['sgp1'], public: false },
  { id: 2003, name: 'twice', slug: null, regions: ['sgp1'], public: false },
]
