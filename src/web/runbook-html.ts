import { Marked, type Token, type Tokens } from 'marked'
import { escape } from './escape.js'

/** A runbook's Markdown as HTML. */
export interface Rendered {
  /** The first heading, as text. */
  readonly title: string
  /** The paragraph under it, as HTML. */
  readonly lead: string
  readonly html: string
}

/** Another runbook, as it is linked in the folder: `NAME.md`, perhaps with a heading. */
const RUNBOOK_LINK = /^(?:\.\/)?([A-Za-z0-9]+)\.md(#[a-z-]*)?$/

/** Where a link may lead: another runbook, a heading of this one, the web. */
const target = (href: string): string | undefined => {
  const [, name, heading = ''] = RUNBOOK_LINK.exec(href) ?? []
  if (name !== undefined) return `/runbooks/${name}${heading}`
  return /^(?:https?:\/\/|#)/.test(href) ? href : undefined
}

const isHeading = (token: Token): token is Tokens.Heading => token.type === 'heading'
const isParagraph = (token: Token): token is Tokens.Paragraph => token.type === 'paragraph'

/** What may be in a heading's `id`: `## Meaning` is linked as `#meaning`. */
const idOf = (text: string): string => text.toLowerCase().replaceAll(/[^a-z]+/g, '-')

/**
 * The files are ours, but whoever can write one must not be able to run a script where metrics are looked
 * at: HTML is shown as text, nothing is loaded, and links lead nowhere but to `target`.
 */
const marked = new Marked({
  renderer: {
    html: ({ text }) => escape(text),
    image: ({ text }) => escape(text),
    heading({ tokens, depth, text }) {
      return `<h${depth} id="${idOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`
    },
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens)
      const to = target(href)
      return to === undefined ? text : `<a href="${escape(to)}">${text}</a>`
    },
  },
})

export const renderRunbook = (markdown: string): Rendered => {
  const tokens = marked.lexer(markdown)
  const lead = tokens.find(isParagraph)
  return {
    title: tokens.find(isHeading)?.text ?? '',
    lead: lead
      ? marked
          .parser([lead])
          .replaceAll(/<\/?p>/g, '')
          .trim()
      : '',
    html: marked.parser(tokens),
  }
}
