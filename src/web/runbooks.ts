import { open, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { escape } from './escape.js'
import { layout, sendPage } from './layout.js'
import { plain } from './reply.js'
import { type Rendered, renderRunbook } from './runbook-html.js'

/** Beside dist/ and src/ alike. */
const FOLDER = fileURLToPath(new URL('../../alerts/runbooks', import.meta.url))

/** Far more than a person reads at night. */
const SIZE_LIMIT = 64 * 1024
const FILES_LIMIT = 200

const FILE_NAME = /^([A-Za-z0-9]{1,100})\.md$/

const STYLE = `
pre { padding: .7rem 1rem; border: 1px solid #8884; border-radius: 4px; background: #8881; white-space: pre-wrap; overflow-wrap: anywhere }
code { font: .9em/1.45 ui-monospace, monospace }
:not(pre) > code { padding: .1em .3em; border-radius: 3px; background: #8882; overflow-wrap: anywhere }
h1 { overflow-wrap: anywhere }
td:first-child code { white-space: nowrap }
h2 { margin: 2rem 0 .5rem; padding-top: .6rem; border-top: 1px solid #8884 }
h3 { margin: 1.5rem 0 .5rem }
li { margin: .25rem 0 }
td { vertical-align: top }
h1 + p { font-size: 1.15rem }
`

/** Runbooks write `edgeclock`, and who reads one at night has to know what to type for it. */
const HOW_TO_RUN = `<p class="quiet"><code>edgeclock</code> is <code>node dist/cli.js</code> in its folder; in Docker,
<code>docker compose exec edgeclock node dist/cli.js</code> (profile <code>scale</code>: <code>edgeclock-1</code>), and for files
<code>docker compose run --rm -v "$PWD:/traces:ro" edgeclock explain /traces/FILE</code>.</p>`

/**
 * `/runbooks` lists what to do about each alert, `/runbooks/NAME` tells it: whoever is woken has no checkout
 * of this project. Files are read at each request: a runbook that was corrected is shown at once.
 */
export const runbookRoutes = (app: FastifyInstance, folder: string = FOLDER): void => {
  for (const path of ['/runbooks', '/runbooks/']) {
    app.get(path, async (_, reply) => {
      const names = await namesIn(folder)
      if (names.length === 0) return plain(reply, 404, NONE)
      const all = await Promise.all(
        names.map(async name => [name, await read(folder, name)] as const),
      )
      return sendPage(reply, listPage(all))
    })
  }
  app.get<{ Params: { name: string } }>('/runbooks/:name', async (request, reply) => {
    // As a link to the file has it.
    const name = request.params.name.replace(/\.md$/, '')
    const names = await namesIn(folder)
    if (names.length === 0) return plain(reply, 404, NONE)
    // A name is looked up, never made a path of.
    const known = names.find(one => one === name)
    const rendered = known === undefined ? undefined : await read(folder, known)
    if (!rendered) return plain(reply, 404, 'there is no such runbook: /runbooks lists them')
    const { title, html } = rendered
    const body = `<p><a href="/runbooks">All runbooks</a> · <a href="/">Status</a></p>\n${HOW_TO_RUN}\n${html}`
    return sendPage(reply, layout({ title, body, style: STYLE }))
  })
}

const NONE = 'no runbooks are here: edgeclock looks for them in alerts/runbooks beside its dist'

/** Sorted. None where there is no such folder: dist alone was copied. */
const namesIn = async (folder: string): Promise<readonly string[]> => {
  const files = await readdir(folder).catch(ignoreMissing)
  return files
    .flatMap(file => FILE_NAME.exec(file)?.[1] ?? [])
    .sort()
    .slice(0, FILES_LIMIT)
}

const ignoreMissing = (error: NodeJS.ErrnoException): string[] => {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
  throw error
}

/** Undefined for what is no file, or too large for one that we have written. */
const read = async (folder: string, name: string): Promise<Rendered | undefined> => {
  const file = await open(`${folder}/${name}.md`)
  try {
    const stats = await file.stat()
    if (!stats.isFile() || stats.size > SIZE_LIMIT) return undefined
    return renderRunbook(await file.readFile('utf8'))
  } finally {
    await file.close()
  }
}

const listPage = (all: readonly (readonly [string, Rendered | undefined])[]): string => {
  const rows = all.flatMap(([name, rendered]) =>
    rendered
      ? `<tr><td><a href="/runbooks/${escape(name)}">${escape(name)}</a><td>${rendered.lead}</tr>`
      : [],
  )
  return layout({
    title: 'Runbooks',
    body: `<p><a href="/">Status</a></p>
<h1>Runbooks</h1>
<p>One for each alert: what it means, how to confirm it, how to repair it.</p>
<table>
<tr><th>alert<th>in short</tr>
${rows.join('\n')}
</table>`,
    style: STYLE,
  })
}
