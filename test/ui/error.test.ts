import { describe, expect, it } from 'vitest'
import { BeltError } from '../../src/errors.ts'
import { errorAsJson, renderError } from '../../src/ui/error.ts'

const expected = new BeltError('no-such-machine', 'prod has no machine named mg9', {
  hint: 'belt ls shows them',
  host: 'mg9',
  details: { missing: ['mg9'] },
})

describe('renderError', () => {
  it('shows what happened and what to do next, without a stack', () => {
    expect(renderError(expected)).toBe('belt: prod has no machine named mg9\n  belt ls shows them\n')
  })

  it('shows the stack of an expected failure only for debugging', () => {
    expect(renderError(expected, { debug: true })).toContain('error.test.ts')
  })

  it('shows the stack of what was not expected', () => {
    expect(renderError(new TypeError('x is not a function'))).toMatch(
      /^belt: x is not a function\nTypeError.*\n +at /,
    )
  })

  it('names the log last', () => {
    expect(renderError(expected, { log: '.belt/prod/log/a.log' })).toBe(
      'belt: prod has no machine named mg9\n  belt ls shows them\n  log: .belt/prod/log/a.log\n',
    )
  })

  it('colours only when asked to', () => {
    expect(renderError(expected)).not.toContain('\u001b')
  })
})

describe('errorAsJson', () => {
  it('keeps the stable code and the facts', () => {
    expect(errorAsJson(expected)).toEqual({
      error: {
        code: 'no-such-machine',
        message: 'prod has no machine named mg9',
        hint: 'belt ls shows them',
        host: 'mg9',
        details: { missing: ['mg9'] },
      },
    })
  })

  it('names what was not expected', () => {
    expect(errorAsJson(new Error('boom'))).toEqual({ error: { code: 'unexpected', message: 'boom' } })
  })

  it('names the log', () => {
    expect(errorAsJson(expected, 'a.log').error).toMatchObject({ code: 'no-such-machine', log: 'a.log' })
    expect(errorAsJson(new Error('boom'), 'a.log').error.log).toBe('a.log')
  })
})
