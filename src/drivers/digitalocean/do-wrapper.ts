import { createRequire } from 'node:module'
import type Account from 'do-wrapper/dist/modules/account.js'
import type Actions from 'do-wrapper/dist/modules/actions.js'
import type Droplets from 'do-wrapper/dist/modules/droplets.js'
import type Firewalls from 'do-wrapper/dist/modules/firewalls.js'
import type Images from 'do-wrapper/dist/modules/images.js'
import type Keys from 'do-wrapper/dist/modules/keys.js'
import type Regions from 'do-wrapper/dist/modules/regions.js'
import type Sizes from 'do-wrapper/dist/modules/sizes.js'
import type Tags from 'do-wrapper/dist/modules/tags.js'

/** Loaders disagree on the default export of a CommonJS module; `require` always works the same way. */
const require = createRequire(import.meta.url)

/** A request from one of the modules. */
export interface ApiRequest {
  readonly actionPath: string
  readonly method?: string
  readonly qs?: Readonly<Record<string, string | number | boolean>>
  readonly body?: unknown
  readonly includeAll?: boolean
}

/** Sends a request and returns the parsed answer. */
export type Send = (request: ApiRequest) => Promise<unknown>

/**
 * The modules of do-wrapper, which know the API's methods and paths. Each is loaded from its own file with our own
 * helper, so that do-wrapper's transport is never loaded: it has no deadlines and no retries, and requests all pages at
 * once.
 */
export function openModules(send: Send, pageSize: number) {
  const helper = { request: send } as unknown as ConstructorParameters<typeof Droplets.default>[1]
  const { default: account }: typeof Account = require('do-wrapper/dist/modules/account.js')
  const { default: actions }: typeof Actions = require('do-wrapper/dist/modules/actions.js')
  const { default: droplets }: typeof Droplets = require('do-wrapper/dist/modules/droplets.js')
  const { default: firewalls }: typeof Firewalls = require('do-wrapper/dist/modules/firewalls.js')
  const { default: images }: typeof Images = require('do-wrapper/dist/modules/images.js')
  const { default: keys }: typeof Keys = require('do-wrapper/dist/modules/keys.js')
  const { default: regions }: typeof Regions = require('do-wrapper/dist/modules/regions.js')
  const { default: sizes }: typeof Sizes = require('do-wrapper/dist/modules/sizes.js')
  const { default: tags }: typeof Tags = require('do-wrapper/dist/modules/tags.js')
  return {
    account: new account(pageSize, helper),
    actions: new actions(pageSize, helper),
    droplets: new droplets(pageSize, helper),
    firewalls: new firewalls(pageSize, helper),
    images: new images(pageSize, helper),
    keys: new keys(pageSize, helper),
    regions: new regions(pageSize, helper),
    sizes: new sizes(pageSize, helper),
    tags: new tags(pageSize, helper),
  }
}
