import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { hash } from 'bcryptjs'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { requireUser } from '../../src/web/auth.js'
import { renderRunbook } from '../../src/web/runbook-html.js'
import { runbookRoutes } from '../../src/web/runbooks.js'
import { runbookNames, runbookPath } from '../alerts/runbook.js'
import { appOf, stuck } from './stuck.js'

/** The routes alone, with files of the test's own. */
const served = (t: Test, folder: string): FastifyInstance => {
  const app = Fastify()
  runbookRoutes(app, folder)
  t.teardown(() => app.close())
  return app
}

/** By a client that sends the path as it is; `inject` and fetch resolve its dots first. */
const asked = async (origin: string, path: string) => {
  const { hostname, port } = new URL(origin)
  const sent = request({ hostname, port, path }).end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, body: await text(answer) }
}

void t.test('the list has a link and the lead of every runbook', async t => {
  const answer = await appOf().inject('/runbooks')
  t.equal(answer.statusCode, 200)
  t.match(answer.headers['content-type'], 'text/html')
  for (const name of runbookNames()) t.match(answer.body, `<a href="/runbooks/${name}">${name}</a>`)
  t.match(answer.body, 'The clock of one server is surely more than a minute wrong')
})

void t.test('the list is at /runbooks/ as well, and a runbook at the name of its file', async t => {
  const app = appOf()
  const list = await app.inject('/runbooks/')
  t.equal(list.statusCode, 200)
  t.equal(list.body, (await app.inject('/runbooks')).body)
  const file = await app.inject('/runbooks/EdgeclockClockFarOff.md')
  t.equal(file.statusCode, 200)
  t.equal(file.body, (await app.inject('/runbooks/EdgeclockClockFarOff')).body)
})

void t.test('every page says what to type for edgeclock, also in Docker', async t => {
  const app = appOf()
  for (const name of runbookNames()) {
    const [head = ''] = (await app.inject(`/runbooks/${name}`)).body.split('<h1')
    t.match(head, '<code>docker compose exec edgeclock node dist/cli.js</code>', name)
    t.match(head, 'edgeclock-1', name)
  }
})

void t.test('every runbook is a page of its own, without script and outside resources', async t => {
  const app = appOf()
  t.ok(runbookNames().length > 0)
  for (const name of runbookNames()) {
    const { statusCode, headers, body } = await app.inject(`/runbooks/${name}`)
    t.equal(statusCode, 200, name)
    t.match(headers['content-security-policy'], "default-src 'none'")
    t.match(body, `<title>${name}</title>`)
    t.match(body, `<h1 id="${name.toLowerCase()}">${name}</h1>`)
    t.match(body, '<h2 id="mitigation">Mitigation</h2>')
    t.notMatch(body, /<script|<img|<iframe|javascript:|\.md"/i, name)
  }
})

void t.test('every link between runbooks leads to one that is served', async t => {
  const app = appOf()
  const links = new Set<string>()
  for (const name of runbookNames()) {
    const { body } = await app.inject(`/runbooks/${name}`)
    for (const [, href = ''] of body.matchAll(/href="(\/[^"#]*)(?:#[^"]*)?"/g)) links.add(href)
  }
  t.ok(links.size > 10)
  for (const href of links) t.equal((await app.inject(href)).statusCode, 200, href)
})

void t.test('what is no runbook is not found, wherever it may lead', async t => {
  const app = appOf()
  t.teardown(() => app.close())
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  for (const path of [
    'EdgeclockNoSuchThing',
    'EdgeclockClockFarOff.md.md',
    'EdgeclockClockFarOff.txt',
    '.md',
    '..%2F..%2FREADME.md',
    'edgeclockclockfaroff',
    '..%2F..%2Fpackage.json',
    '..%2F..%2FREADME',
    '..%5C..%5CREADME',
    '%2e%2e%2f%2e%2e%2fREADME',
    '%2Fetc%2Fpasswd',
    'EdgeclockClockFarOff%00',
    '%00',
    '.',
    '..',
    '../../package.json',
    '../../../../../../etc/passwd',
    'x/../../package.json',
    '__proto__',
    'constructor',
  ]) {
    const { status, body } = await asked(origin, `/runbooks/${path}`)
    t.equal(status, 404, path)
    t.notMatch(body, /GPL|"name"|root:/, path)
  }
})

void t.test('HEAD answers as GET does, without the page', async t => {
  const app = appOf()
  for (const url of ['/runbooks', '/runbooks/EdgeclockClockFarOff']) {
    const [head, get] = [await app.inject({ url, method: 'HEAD' }), await app.inject(url)]
    t.equal(head.statusCode, 200)
    t.equal(head.body, '')
    t.equal(head.headers['content-length'], get.headers['content-length'])
  }
  const unknown = await app.inject({ url: '/runbooks/Nothing', method: 'HEAD' })
  t.equal(unknown.statusCode, 404)
})

void t.test('where users are named, a runbook needs one as every path does', async t => {
  const users = [{ user: 'night', hash: await hash('shift', 4) }]
  const app = appOf(stuck(), app => requireUser(app, users))
  for (const url of ['/runbooks', '/runbooks/EdgeclockClockFarOff', '/runbooks/Nothing']) {
    t.equal((await app.inject(url)).statusCode, 401, url)
  }
  const authorization = `Basic ${Buffer.from('night:shift').toString('base64')}`
  t.equal((await app.inject({ url: '/runbooks', headers: { authorization } })).statusCode, 200)
})

void t.test('the status page leads to the runbooks', async t => {
  t.match((await appOf().inject('/')).body, '<a href="/runbooks">Runbooks</a>')
})

void t.test('where the folder is missing, it is said where it is looked for', async t => {
  const app = served(t, join(t.testdir(), 'missing'))
  for (const url of ['/runbooks', '/runbooks/EdgeclockClockFarOff']) {
    const { statusCode, body } = await app.inject(url)
    t.equal(statusCode, 404)
    t.match(body, 'alerts/runbooks')
  }
})

void t.test('a corrected runbook is shown without a restart', async t => {
  const folder = t.testdir({ 'A.md': '# A\n\nOld.\n' })
  const app = served(t, folder)
  t.match((await app.inject('/runbooks/A')).body, 'Old.')
  await writeFile(join(folder, 'A.md'), '# A\n\nNew.\n')
  t.match((await app.inject('/runbooks/A')).body, 'New.')
})

void t.test('what is too large for a runbook, or is a folder, is none', async t => {
  const folder = t.testdir({
    'Good.md': '# Good\n\nLead.\n',
    'Huge.md': `# Huge\n\n${'x'.repeat(64 * 1024)}`,
    'Not a name.md': '# Not\n',
    'Other.txt': '# Other\n',
    'Folder.md': {},
  })
  const app = served(t, folder)
  t.equal((await app.inject('/runbooks/Good')).statusCode, 200)
  for (const name of ['Huge', 'Folder', 'Other', 'Other.txt', 'Not%20a%20name']) {
    t.equal((await app.inject(`/runbooks/${name}`)).statusCode, 404, name)
  }
  const list = (await app.inject('/runbooks')).body
  t.match(list, '/runbooks/Good')
  t.notMatch(list, /Huge|Folder|Other|Not/)
})

void t.test('HTML in a runbook is shown as text, never taken as HTML', async t => {
  const { html, lead, title } = renderRunbook(
    [
      '# <img src=x onerror=alert(1)>',
      'Lead <script>alert(2)</script> & more.',
      '<iframe src="https://example.com"></iframe>',
      '![picture](https://example.com/a.png "b") `<b>`',
      '```sh\n<script>\n```',
      '[a](javascript:alert(3)) [b](data:text/html,x) [c](/config) [d](../../README.md)',
      '[e](https://example.com/?a="><script>) <javascript:alert(4)>',
    ].join('\n\n'),
  )
  for (const text of [html, lead]) t.notMatch(text, /<(?:script|img|iframe|b)\b/i)
  t.notMatch(html, /href="(?!https:)/)
  t.match(html, '&lt;script&gt;')
  t.match(lead, '&lt;script&gt;alert(2)&lt;/script&gt; &amp; more.')
  t.match(title, '<img')
  const folder = t.testdir({ 'A.md': '# <script>alert(1)</script>\n\n<script>x</script>\n' })
  const app = served(t, folder)
  for (const url of ['/runbooks', '/runbooks/A'])
    t.notMatch((await app.inject(url)).body, /<script/)
})

void t.test('links to other runbooks become paths, links to headings and the web stay', async t => {
  const { html } = renderRunbook(
    '[a](Other.md) [b](Other.md#mitigation) [c](#impact) [d](https://example.com/x)\n\n## The `way` out\n',
  )
  const hrefs = Array.from(html.matchAll(/href="([^"]*)"/g), ([, href]) => href)
  t.same(hrefs, [
    '/runbooks/Other',
    '/runbooks/Other#mitigation',
    '#impact',
    'https://example.com/x',
  ])
  t.match(html, '<h2 id="the-way-out">The <code>way</code> out</h2>')
})

void t.test('a page has all the words of its file', async t => {
  const name = 'EdgeclockClockFarOff'
  const { body } = await appOf().inject(`/runbooks/${name}`)
  const words = (await readFile(runbookPath(name), 'utf8')).match(/[A-Za-z]{4,}/g) ?? []
  const missing = words.filter(word => !body.includes(word))
  t.ok(words.length > 500)
  t.same(missing, [])
})
