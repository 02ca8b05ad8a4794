import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

it('the policy in the documentation allows just what Belt asks for', () => {
  const source = readFileSync('src/drivers/ec2/actions.ts', 'utf8')
  const asked = [...source.matchAll(/^ {2}(\w+): \[/gm)].map(([, action]) => `ec2:${action}`)
  const documented = readFileSync('docs/clouds/ec2.md', 'utf8').match(/(?<=")ec2:\w+(?=")/g)
  // RunInstances asks for tags, which are allowed apart.
  expect(documented?.toSorted()).toEqual([...asked, 'ec2:CreateTags'].toSorted())
})
