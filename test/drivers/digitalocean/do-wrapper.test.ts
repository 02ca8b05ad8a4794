import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { Api } from '../../../src/drivers/digitalocean/api.ts'
import type { ApiRequest } from '../../../src/drivers/digitalocean/do-wrapper.ts'
import { openModules } from '../../../src/drivers/digitalocean/do-wrapper.ts'

const loaded = () => Object.keys(createRequire(import.meta.url).cache)

/** What the API is asked, with answers that do for every method. */
async function requestOf(ask: (api: Api) => Promise<unknown>): Promise<ApiRequest | undefined> {
  const requests: ApiRequest[] = []
  const api = new Api(async request => {
    requests.push(request)
    return { action: {}, actions: [], droplets: [], account: {} }
  })
  await ask(api)
  return requests[0]
}

describe('do-wrapper', () => {
  it('builds the requests, and its transport is never loaded', () => {
    openModules(async () => ({}), 200)
    expect(loaded()).toContainEqual(expect.stringMatching(/do-wrapper\/dist\/modules\/droplets\.js$/))
    expect(loaded().filter(path => /\/(got|request-helper)(\/|\.js$)/.test(path))).toEqual([])
  })

  it.each<[string, (api: Api) => Promise<unknown>, Partial<ApiRequest>]>([
    [
      'lists by tag',
      api => api.droplets('t'),
      { actionPath: 'droplets/', qs: { tag_name: 't', per_page: 200, page: 1 } },
    ],
    [
      'creates',
      api => api.createDroplets({ names: ['a'] } as never),
      { actionPath: 'droplets/', method: 'POST', body: { names: ['a'] } },
    ],
    ['deletes', api => api.deleteDroplet('7'), { actionPath: 'droplets/7', method: 'DELETE' }],
    [
      'deletes by tag',
      api => api.deleteDropletsByTag('t'),
      { actionPath: 'droplets/', method: 'DELETE', qs: { tag_name: 't' } },
    ],
    [
      'acts',
      api => api.act('7', { type: 'reboot' }),
      { actionPath: 'droplets/7/actions', method: 'POST', body: { type: 'reboot' } },
    ],
    [
      'acts by tag',
      api => api.actByTag('t', { type: 'power_on' }),
      { actionPath: 'droplets/actions', method: 'POST', qs: { tag_name: 't' } },
    ],
    ['reads actions', api => api.actions(2), { actionPath: 'actions', qs: { per_page: 200, page: 2 } }],
    ['reads an action', api => api.action(9), { actionPath: 'actions/9' }],
    ['reads an image', api => api.image('a b'), { actionPath: 'images/a%20b' }],
    ['reads sizes', api => api.sizes(), { actionPath: 'sizes', qs: { per_page: 200, page: 1 } }],
    ['makes a tag', api => api.createTag('t'), { actionPath: 'tags', method: 'POST', body: { name: 't' } }],
  ])('%s', async (_, ask, request) => {
    expect(await requestOf(ask)).toMatchObject(request)
  })

  it('reads a list again that lost items while its pages were read', async () => {
    const pages = [
      { sizes: [{ slug: 'a' }, { slug: 'b' }], links: { pages: { next: '2' } }, meta: { total: 3 } },
      { sizes: [{ slug: 'b' }], links: {}, meta: { total: 3 } },
      { sizes: [{ slug: 'b' }, { slug: 'c' }], links: {}, meta: { total: 2 } },
    ]
    const api = new Api(async () => pages.shift())
    expect(await api.sizes()).toEqual([{ slug: 'b' }, { slug: 'c' }])
  })
})
