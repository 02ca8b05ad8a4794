import type {
  Code,
  Heading,
  InlineCode,
  Link,
  List,
  Paragraph,
  PhrasingContent,
  RootContent,
  Table,
  Text,
} from 'mdast'
import { gfmTableToMarkdown } from 'mdast-util-gfm-table'
import { toMarkdown } from 'mdast-util-to-markdown'

/** Parts of a page. Text is escaped when the page is rendered, never before. */
export const text = (value: string): Text => ({ type: 'text', value })

export const literal = (value: string): InlineCode => ({ type: 'inlineCode', value })

export const link = (url: string, ...children: (Text | InlineCode)[]): Link => ({
  type: 'link',
  url,
  children,
})

export const heading = (depth: 1 | 2, ...children: PhrasingContent[]): Heading => ({
  type: 'heading',
  depth,
  children,
})

export const paragraph = (...children: PhrasingContent[]): Paragraph => ({ type: 'paragraph', children })

/** A fenced block; every block has a language. */
export const block = (lang: 'console' | 'text', value: string): Code => ({ type: 'code', lang, value })

export const list = (items: readonly PhrasingContent[][]): List => ({
  type: 'list',
  spread: false,
  children: items.map(children => ({
    type: 'listItem',
    spread: false,
    children: [{ type: 'paragraph', children }],
  })),
})

/** The first row is the head. */
export const table = (rows: readonly PhrasingContent[][][]): Table => ({
  type: 'table',
  children: rows.map(cells => ({
    type: 'tableRow',
    children: cells.map(children => ({ type: 'tableCell', children })),
  })),
})

/** Columns are not aligned, so that one longer cell does not change every line of a table. */
export function render(children: RootContent[]): string {
  return toMarkdown(
    { type: 'root', children },
    { bullet: '-', fences: true, extensions: [gfmTableToMarkdown({ tablePipeAlign: false })] },
  )
}
