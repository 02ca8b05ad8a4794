import { line } from '../domain/shown.ts'
import { stdio } from './stdio.ts'

/** Asks for the passphrase of a key file on the terminal, without echoing it. */
export async function askPassphrase(path: string): Promise<string> {
  const { default: password } = await import('@inquirer/password')
  return stdio.ask(terminal => password({ message: line`Passphrase for ${path}:` }, terminal))
}
