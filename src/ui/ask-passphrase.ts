import { stdio } from './stdio.ts'

/** Asks for the passphrase of a key file on the terminal, without showing what is typed. */
export async function askPassphrase(path: string): Promise<string> {
  const { default: password } = await import('@inquirer/password')
  return stdio.ask(terminal => password({ message: `Passphrase of ${path}:` }, terminal))
}
