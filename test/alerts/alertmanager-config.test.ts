import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'
import { amtool, SHIPPED_FILE, SHIPPED_FOLDER } from '../peers/alertmanager.js'
import { skipUnless } from '../peers/peer.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { type Block, blocksOf, using } from './blocks.js'

const SECRETS = '/etc/alertmanager/secrets/'
/** Knows Teams' workflows, `url_file` and `payload`. */
const NEWEST_NEEDED = 32

const shipped = () => readFile(SHIPPED_FILE, 'utf8')

/** Checks a text as if it were shipped: beside the templates. */
const check = async (scope: Scope, text: string) => {
  const folder = await temporaryFolder(scope, 'amtool')
  await cp(join(SHIPPED_FOLDER, 'templates'), join(folder, 'templates'), { recursive: true })
  const file = join(folder, 'alertmanager.yml')
  await writeFile(file, text)
  return amtool(['check-config', file])
}

/** amtool 0.N. */
const amtoolMinor = async () => {
  const { stdout, stderr } = await amtool(['--version'])
  return Number(/version 0\.(\d+)/.exec(`${stdout}${stderr}`)?.[1])
}

/** The block, and the mail server if it is an e-mail. */
const complete = (blocks: readonly Block[], block: Block) =>
  blocks.filter(one => one === block || (block.key === 'email_configs' && one.of === 'global'))

void test('the shipped file loads with its receivers, inhibition and templates', async t => {
  if (skipUnless(t, 'amtool')) return
  const { code, stdout } = await amtool(['check-config', SHIPPED_FILE])
  t.equal(code, 0, stdout)
  t.match(stdout, /7 inhibit rules\n - 3 receivers\n - 1 templates\n\s+SUCCESS/)
})

void test('each receiver has a block for e-mail, Teams and a webhook; pages and tickets PagerDuty', async t => {
  const blocks = blocksOf(await shipped())
  const keysOf = (name: string) => blocks.filter(({ of }) => of === name).map(({ key }) => key)
  const all = ['pagerduty_configs', 'msteamsv2_configs', 'email_configs', 'webhook_configs']
  t.same(keysOf('page'), all)
  t.same(keysOf('ticket'), all)
  t.same(keysOf('note'), all.slice(1))
  t.same(keysOf('global'), ['smtp_smarthost'])
})

void test('each block for e-mail and PagerDuty loads once it is used', async t => {
  if (skipUnless(t, 'amtool')) return
  const text = await shipped()
  const blocks = blocksOf(text)
  const old = blocks.filter(({ key }) => ['email_configs', 'pagerduty_configs'].includes(key))
  t.equal(old.length, 5)
  for (const block of old) {
    const used = using(text, complete(blocks, block))
    t.match(parse(used), { receivers: [{ name: 'page' }, { name: 'ticket' }, { name: 'note' }] })
    const { code, stdout, stderr } = await check(t, used)
    t.equal(code, 0, `${block.of}: ${block.key}: ${stdout}${stderr}`)
  }
})

void test('a webhook loads in an old Alertmanager with `url` in place of `url_file` and `payload`', async t => {
  if (skipUnless(t, 'amtool')) return
  const text = await shipped()
  const blocks = blocksOf(text).filter(({ key }) => key === 'webhook_configs')
  t.equal(blocks.length, 3)
  const old = using(text, blocks)
    .replaceAll(/url_file: .*/g, 'url: https://webhook.contoso.com/')
    .replaceAll(/^ *payload: .*\n/gm, '')
  const { code, stdout, stderr } = await check(t, old)
  t.equal(code, 0, `${stdout}${stderr}`)
})

const template = z.string().startsWith('{{ template "edgeclock.').endsWith('" . }}')
const secretFile = z.string().startsWith(SECRETS)
const newerBlocks = z.looseObject({
  msteamsv2_configs: z.tuple([
    z.strictObject({ webhook_url_file: secretFile, title: template, text: template }),
  ]),
  webhook_configs: z.tuple([
    z.strictObject({
      url_file: secretFile,
      payload: z.strictObject({ title: template, text: template }),
    }),
  ]),
})

void test('each block for Teams and a webhook is as 0.32 wants it; an amtool of that age says so too', async t => {
  if (skipUnless(t, 'amtool')) return
  const text = await shipped()
  const all = using(text, blocksOf(text))
  const { receivers } = z.object({ receivers: z.array(newerBlocks) }).parse(parse(all))
  t.equal(receivers.length, 3)
  // Debian's 0.25 knows none of them.
  if ((await amtoolMinor()) < NEWEST_NEEDED) return
  const { code, stdout, stderr } = await check(t, all)
  t.equal(code, 0, `${stdout}${stderr}`)
})

/** The values of all keys of this kind, at any depth. */
const valuesOf = (value: unknown, key: RegExp): unknown[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) =>
        key.test(name) ? [inner] : valuesOf(inner, key),
      )
    : []

void test('no secret is in the file: each is read from a file of its own', async t => {
  const text = await shipped()
  const used: unknown = parse(using(text, blocksOf(text)))
  t.same(valuesOf(used, /^(.*password|.*_key|.*token|.*secret|url|webhook_url|api_url)$/), [])
  const files = valuesOf(used, /_file$/)
  t.equal(files.length, 9)
  t.equal(new Set(files).size, files.length)
  for (const file of files) t.match(file, /^\/etc\/alertmanager\/secrets\/[a-z-]+$/)
})
