import type { FastifyReply } from 'fastify'
import { escape } from './escape.js'

/** No script, no outside resource. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'"

export interface Layout {
  readonly title: string
  /** HTML. */
  readonly body: string
  /** More of the head, as HTML; rules of style beside those of every page. */
  readonly head?: string
  readonly style?: string
}

/** A page as all pages here are. */
export const layout = ({ title, body, head = '', style = '' }: Layout): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head}<title>${escape(title)}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem }
th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #8884 }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap }
.bad { color: #c4162a; font-weight: 600 }
.quiet { opacity: .75 }
${style}</style>
</head>
<body>
${body}
</body>
</html>
`

export const sendPage = (reply: FastifyReply, html: string): FastifyReply =>
  reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(html)
