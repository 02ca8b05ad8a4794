import { images, regions, sizes } from './catalogue.ts'
import type { Cloud } from './cloud.ts'
import { notFound } from './refusal.ts'

export interface Call {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  // biome-ignore lint/suspicious/noExplicitAny: what a client sends is anything
  readonly body: any
}

export interface Reply {
  readonly status: number
  readonly body?: object
}

type Handler = (cloud: Cloud, call: Call, id: string) => Reply

/** What the account answers, by method and path; `*` is the part that is handed on. */
const ROUTES: readonly (readonly [string, Handler])[] = [
  ['GET /v2/account', cloud => ok({ account: account(cloud) })],
  ['GET /v2/regions', (_, call) => page(call, 'regions', regions)],
  ['GET /v2/sizes', (_, call) => page(call, 'sizes', sizes)],
  ['GET /v2/account/keys', (cloud, call) => page(call, 'ssh_keys', cloud.keys)],
  ['POST /v2/account/keys', (cloud, { body }) => made({ ssh_key: cloud.addKey(body.name, body.public_key) })],
  [
    'GET /v2/images',
    (_, call) =>
      page(
        call,
        'images',
        images.filter(image => call.query.get('private') !== 'true' || !image.public),
      ),
  ],
  [
    'GET /v2/images/*',
    (_, __, id) => ok({ image: found(images.find(image => image.slug === id || String(image.id) === id)) }),
  ],
  [
    'POST /v2/tags',
    (cloud, { body }) => made({ tag: { name: cloud.addTag(body.name), resources: { count: 0 } } }),
  ],
  ['GET /v2/droplets', (cloud, call) => page(call, 'droplets', cloud.list(call.query.get('tag_name')))],
  ['POST /v2/droplets', (cloud, { body }) => created(cloud, body)],
  ['DELETE /v2/droplets', (cloud, { query }) => gone(() => cloud.destroyTagged(query.get('tag_name') ?? ''))],
  [
    'POST /v2/droplets/actions',
    (cloud, { query, body }) => made({ actions: cloud.actTagged(query.get('tag_name') ?? '', body) }),
  ],
  ['GET /v2/droplets/*', (cloud, _, id) => ok({ droplet: cloud.droplet(Number(id)) })],
  ['DELETE /v2/droplets/*', (cloud, _, id) => gone(() => cloud.destroy(Number(id)))],
  ['POST /v2/droplets/*/actions', (cloud, { body }, id) => made({ action: cloud.act(Number(id), body) })],
  ['GET /v2/droplets/*/actions', (cloud, call, id) => page(call, 'actions', cloud.actions(Number(id)))],
  ['GET /v2/actions', (cloud, call) => page(call, 'actions', cloud.actions())],
  ['GET /v2/actions/*', (cloud, _, id) => ok({ action: cloud.action(Number(id)) })],
  ['GET /v2/firewalls', (cloud, call) => page(call, 'firewalls', cloud.firewalls)],
  ['POST /v2/firewalls', (cloud, { body }) => ({ status: 202, body: { firewall: cloud.addFirewall(body) } })],
  ['DELETE /v2/firewalls/*', (cloud, _, id) => gone(() => cloud.removeFirewall(id))],
]

const COMPILED = ROUTES.map(([route, handler]) => ({
  pattern: new RegExp(`^${route.replaceAll('*', '([^/]+)')}$`),
  handler,
}))

/** @throws Refusal */
export function answer(cloud: Cloud, call: Call): Reply {
  for (const { pattern, handler } of COMPILED) {
    const match = pattern.exec(`${call.method} ${call.path}`)
    if (match) return handler(cloud, call, decodeURIComponent(match[1] ?? ''))
  }
  throw notFound()
}

function account(cloud: Cloud) {
  return {
    droplet_limit: cloud.dropletLimit,
    floating_ip_limit: 5,
    email: 'someone@example.com',
    uuid: '00000000000000000000000000000000',
    email_verified: true,
    status: 'active',
    status_message: '',
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what a client sends is anything
function created(cloud: Cloud, body: any): Reply {
  const { droplets, actions } = cloud.create(body)
  const links = actions.map(id => ({
    id,
    rel: 'create',
    href: `https://api.digitalocean.com/v2/actions/${id}`,
  }))
  const what = body.names ? { droplets } : { droplet: droplets[0] }
  return { status: 202, body: { ...what, links: { actions: links } } }
}

function page({ path, query }: Call, key: string, items: readonly object[]): Reply {
  const size = Number(query.get('per_page') ?? 20)
  const number = Number(query.get('page') ?? 1)
  const next = number * size < items.length
  const link = (page: number) => `https://api.digitalocean.com${path}?page=${page}&per_page=${size}`
  const links = next ? { pages: { next: link(number + 1), last: link(Math.ceil(items.length / size)) } } : {}
  return ok({ [key]: items.slice((number - 1) * size, number * size), links, meta: { total: items.length } })
}

function ok(body: object): Reply {
  return { status: 200, body }
}

function made(body: object): Reply {
  return { status: 201, body }
}

function gone(remove: () => void): Reply {
  remove()
  return { status: 204 }
}

function found<T>(item: T | undefined): T {
  if (item === undefined) throw notFound()
  return item
}
