import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { driverNames, driverSources, isDriverName } from '../drivers/registry.ts'
import { usageError } from '../errors.ts'
import { withFileLock } from '../file-lock.ts'
import { templatePath } from '../package-files.ts'
import { checkClusterName } from './cluster-name.ts'
import { suggestion } from './explain.ts'
import { FOLDER_MODE, readText, writeText, writing } from './files.ts'
import { ignoreState } from './state-folder.ts'
import { assertTrustedFolder } from './trust.ts'
import { BELT_FOLDER, type Cluster, findWorkspace } from './workspace.ts'

/**
 * Writes `.belt/<name>/config.yml` from the driver's template, in the workspace of `cwd` or otherwise in `cwd` itself.
 * @throws `no-driver`, `unknown-driver`, `bad-cluster-name`, `cluster-exists`, `unwritable-file`
 */
export async function newCluster(cwd: string, driver: string | undefined, name: string): Promise<Cluster> {
  if (driver === undefined) throw noDriver(name)
  if (!isDriverName(driver)) {
    throw usageError(
      'unknown-driver',
      `no such driver: ${JSON.stringify(driver)}, ${suggestion(driver, driverNames)}`,
    )
  }
  checkClusterName(name)
  const workspace = await findWorkspace(cwd)
  const twin = workspace?.clusters.find(cluster => cluster.name === name)
  if (twin) throw clusterExists(twin)
  const beltFolder = join(workspace?.folder ?? resolve(cwd), BELT_FOLDER)
  await assertTrustedFolder(beltFolder)
  const folder = join(beltFolder, name)
  const cluster = { name, folder, configPath: join(folder, 'config.yml') }
  await writeFirst(cluster, await template(`config/${driver}.yml`))
  await ignoreState(beltFolder)
  await writeText(join(beltFolder, 'schema.json'), await template('schema.json'))
  return cluster
}

async function writeFirst(cluster: Cluster, text: string): Promise<void> {
  const { folder, configPath } = cluster
  await writing(configPath, async () => {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
    await withFileLock(configPath, async assertHeld => {
      if ((await readText(configPath)) !== undefined) throw clusterExists(cluster)
      await assertHeld()
      await writeText(configPath, text)
    })
  })
}

function noDriver(name: string): Error {
  const choices = driverNames.map(driver => [`belt cluster new --driver ${driver} ${name}`, driver] as const)
  const width = Math.max(...choices.map(([line]) => line.length))
  const lines = choices.map(([line, driver]) => `${line.padEnd(width)}  # ${driverSources[driver]}`)
  return usageError('no-driver', `no driver is given for cluster ${name}`, {
    hint: `choose where its machines come from:\n${lines.join('\n')}`,
    details: { drivers: driverNames },
  })
}

function clusterExists({ name, configPath }: Cluster): Error {
  return usageError('cluster-exists', `cluster ${name} already exists: ${configPath}`, {
    hint: `run belt use ${name}, or choose another name`,
  })
}

function template(path: string): Promise<string> {
  return readFile(templatePath(path), 'utf8')
}
