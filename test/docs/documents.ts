import { readdirSync, readFileSync } from 'node:fs'
import GithubSlugger from 'github-slugger'
import type { Code, Heading, InlineCode, Link, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table'
import { toString as textOf } from 'mdast-util-to-string'
import { gfmTable } from 'micromark-extension-gfm-table'
import { visit } from 'unist-util-visit'

/** A Markdown file of the project, by its path from the root. */
export interface Document {
  readonly path: string
  readonly source: string
  readonly tree: Root
}

/** All that people read: the files in the root and everything below `docs`. */
export function readDocuments(): Document[] {
  const below = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.md'))
    .map(file => `docs/${file.replaceAll('\\', '/')}`)
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...below].map(path =>
    parseDocument(path, readFileSync(path, 'utf8')),
  )
}

export function parseDocument(path: string, source: string): Document {
  const tree = fromMarkdown(source, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] })
  return { path, source, tree }
}

/** The anchors that GitHub gives to the headings of a document. */
export function anchorsOf({ tree }: Document): Set<string> {
  const slugger = new GithubSlugger()
  const anchors = new Set<string>()
  visit(tree, 'heading', (node: Heading) => {
    anchors.add(slugger.slug(textOf(node)))
  })
  return anchors
}

/** Where the links of a document lead, as they are written. */
export function linksOf({ tree }: Document): string[] {
  const urls: string[] = []
  visit(tree, ['link', 'image', 'definition'], node => {
    urls.push((node as Link).url)
  })
  return urls
}

/** The blocks of code of a document. */
export function blocksOf({ tree }: Document): Code[] {
  const blocks: Code[] = []
  visit(tree, 'code', (node: Code) => {
    blocks.push(node)
  })
  return blocks
}

/** Code within sentences and tables. */
export function codeOf({ tree }: Document): string[] {
  const found: string[] = []
  visit(tree, 'inlineCode', (node: InlineCode) => {
    found.push(node.value)
  })
  return found
}

/** What the first heading of a document says; empty when it has none. */
export function headingOf({ tree }: Document): string {
  return textOf(tree.children.find(node => node.type === 'heading'))
}

/** Lines that a reader may type: those behind a `$` in blocks, and code in a sentence. */
export function shellLinesOf(document: Document): string[] {
  const typed = blocksOf(document)
    .filter(({ lang }) => lang === 'console')
    .flatMap(({ value }) => value.replaceAll('\\\n', '').split('\n'))
    .filter(line => line.startsWith('$ '))
    .map(line => line.slice(2))
  return [...typed, ...codeOf(document)]
}
