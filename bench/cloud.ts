import { table } from '../src/ui/table.ts'
import { digitaloceanRows } from './cloud-digitalocean.ts'
import { ec2Rows } from './cloud-ec2.ts'

/** Prints what large fleets take on emulated clouds, whose time runs faster than ours. */
const rows = [...(await digitaloceanRows()), ...(await ec2Rows())]
const cells = rows.map(({ figure, goal, measured }) => [figure, goal, measured])
process.stdout.write(table(['FIGURE', 'GOAL', 'MEASURED'], cells))
