/** A file on hosts, as a command names it: `node[1:4]:/etc/hosts`. */
export interface RemotePath {
  /** As every command takes them. */
  readonly nodes: string
  /** From the root, or from the home of the user who logs in. */
  readonly path: string
}

/**
 * The part before the colon: ranges may hold colons, and so may a label with its value, unless a path follows
 * (`label=ssd:/tmp`).
 */
const REMOTE = /^((?:\[[^\]]*\]|label=[^:=,&\s]+[:=](?!\/)[^:,&\s]+|[^:[\]/])+):(.+)$/s

/**
 * Reads `NODES:PATH`.
 * @returns undefined for the path of a file here: one without a colon, or with a slash before it
 */
export function parseRemotePath(text: string): RemotePath | undefined {
  const [, nodes, path] = REMOTE.exec(text) ?? []
  if (nodes === undefined || path === undefined) return undefined
  return { nodes, path: path.replace(/^~\//, '') }
}
