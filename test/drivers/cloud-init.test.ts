import { describe, expect, it } from 'vitest'
import { configPart, multipart, scriptPart } from '../../src/drivers/cloud-init.ts'
import { scriptsOf } from '../support/cloud-init.ts'

const SCRIPT = '#!/bin/sh\necho last'

describe('user data of several parts', () => {
  it('is taken apart into the scripts that it was made of', () => {
    const text = multipart([configPart('#!/bin/sh\nufw disable'), scriptPart(SCRIPT)])
    expect(scriptsOf(text).map(script => script.trim())).toEqual(['#!/bin/sh\nufw disable', SCRIPT])
  })

  it('may hold a cloud-config', () => {
    const config = '#cloud-config\nruncmd:\n  - ufw disable\n  - [echo, "a b"]\n'
    expect(
      scriptsOf(multipart([configPart(config), scriptPart(SCRIPT)])).map(script => script.trim()),
    ).toEqual([SCRIPT, "#!/bin/sh\nufw disable\n'echo' 'a b'"])
  })

  it('may hold what is of several parts itself', () => {
    const inner = multipart([scriptPart('#!/bin/sh\necho first')]).replaceAll('==belt==', 'other')
    expect(
      scriptsOf(multipart([configPart(inner), scriptPart(SCRIPT)])).map(script => script.trim()),
    ).toEqual(['#!/bin/sh\necho first', SCRIPT])
  })
})
