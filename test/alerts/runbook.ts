import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Token, type Tokens, Marked } from 'marked'

const FOLDER = fileURLToPath(new URL('../../alerts/runbooks', import.meta.url))

export const runbookPath = (name: string): string => `${FOLDER}/${name}.md`

export const runbookNames = (): readonly string[] =>
  readdirSync(FOLDER).map(file => file.replace(/\.md$/, ''))

/** A runbook taken apart. */
export interface Runbook {
  readonly name: string
  readonly text: string
  readonly top: readonly Token[]
  /** Headings of all depths, in order. */
  readonly headings: readonly Tokens.Heading[]
  readonly links: readonly string[]
  /** Code in blocks, with the language. */
  readonly blocks: readonly Tokens.Code[]
  /** Code between backticks. */
  readonly spans: readonly string[]
}

export const readRunbook = (name: string): Runbook => {
  const text = readFileSync(runbookPath(name), 'utf8')
  const marked = new Marked()
  const top = marked.lexer(text)
  const all: Token[] = []
  void marked.walkTokens(top, token => void all.push(token))
  const ofType = <T extends Token>(type: T['type']): T[] =>
    all.filter((token): token is T => token.type === type)
  return {
    name,
    text,
    top,
    headings: ofType<Tokens.Heading>('heading'),
    links: ofType<Tokens.Link>('link').map(({ href }) => href),
    blocks: ofType<Tokens.Code>('code'),
    spans: ofType<Tokens.Codespan>('codespan').map(({ text: code }) => code),
  }
}

export const runbooks = (): readonly Runbook[] => runbookNames().map(readRunbook)

/** What stands between one heading and the next one of the same depth or above. */
export const section = ({ text }: Runbook, heading: string): string =>
  text.split(/^(?=## )/m).find(part => part.startsWith(`## ${heading}\n`)) ?? ''
