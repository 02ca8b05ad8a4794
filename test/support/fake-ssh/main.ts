import { FakeSsh } from './server.ts'

/**
 * The fake hosts in a process of their own: `node --import tsx test/support/fake-ssh/main.ts '{"hostKey":"key"}'` prints
 * the port on one line, and how many commands it has run on each line it reads. It ends when its input does.
 */
const fake = await FakeSsh.start(JSON.parse(process.argv[2] ?? '{}'))
process.stdout.write(`${fake.port}\n`)
process.stdin.on('data', () => process.stdout.write(`${fake.commands}\n`))
process.stdin.on('end', () => process.exit())
