import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from './pages.ts'

/** Writes all pages, and removes the other files of the folder: pages of commands that are gone. */
export async function writePages(folder: string, pages: readonly Page[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const file of await leftOver(folder, pages)) await rm(join(folder, file))
  for (const { file, content } of pages) await writeFile(join(folder, file), content)
}

/** One line for each file that is not as the pages have it; empty when the folder is up to date. */
export async function differences(folder: string, pages: readonly Page[]): Promise<string[]> {
  const found = await Promise.all(pages.map(page => difference(folder, page)))
  const extra = (await leftOver(folder, pages)).map(file => `${file}: belongs to no command`)
  return [...found.flat(), ...extra]
}

async function difference(folder: string, { file, content }: Page): Promise<string[]> {
  const current = await readIfThere(join(folder, file))
  if (current === undefined) return [`${file}: is missing`]
  return current === content ? [] : [`${file}: differs`]
}

async function leftOver(folder: string, pages: readonly Page[]): Promise<string[]> {
  const wanted = new Set(pages.map(({ file }) => file))
  const names = await readdir(folder).catch(absentAs<string[]>([]))
  return names.filter(name => !wanted.has(name)).toSorted()
}

const readIfThere = (path: string) => readFile(path, 'utf8').catch(absentAs(undefined))

function absentAs<T>(value: T) {
  return (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT') return value
    throw error
  }
}
