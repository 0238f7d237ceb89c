import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { serveFlags } from '../../src/commands/serve.js'
import { startExporter } from '../exporter/exporter.js'
import { freeTcpPort } from '../peers/ports.js'
import { PROJECT, mountsOf, servicesOf } from './compose-file.js'

interface Instruction {
  readonly name: string
  readonly rest: string
}

/** Its instructions, a continued one as one line. */
const dockerfile = async (): Promise<readonly Instruction[]> => {
  const text = await readFile(join(PROJECT, 'Dockerfile'), 'utf8')
  const lines = text.replaceAll('\\\n', ' ').split('\n')
  return lines
    .filter(line => /^[A-Z]/.test(line))
    .map(line => {
      const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? []
      return { name, rest }
    })
}

const all = (instructions: readonly Instruction[], name: string): readonly string[] =>
  instructions.filter(one => one.name === name).map(({ rest }) => rest)

/** The arguments of a JSON form: `["node", "-e", "…"]`. */
const words = (rest: string): readonly string[] => JSON.parse(rest) as string[]

/** From the last FROM on: what runs. */
const lastStage = (instructions: readonly Instruction[]): readonly Instruction[] =>
  instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'))

const ran = (command: readonly string[]): Promise<number> =>
  new Promise(resolve => {
    const [program = '', ...args] = command
    const child = execFile(program, args, () => resolve(child.exitCode ?? -1))
  })

void t.test('what runs was built in a stage of its own, on the same pinned image', async t => {
  const images = all(await dockerfile(), 'FROM')
  const [, version] = /^node:(\d+\.\d+\.\d+-[a-z]+-slim) AS build$/.exec(images[0] ?? '') ?? []
  t.ok(version)
  t.equal(images[1], `node:${version}`)
  t.equal(images.length, 2)
})

void t.test('all that is copied is there, and .dockerignore lets it through', async t => {
  const ignored = (await readFile(join(PROJECT, '.dockerignore'), 'utf8')).split('\n')
  t.ok(ignored.includes('*'))
  const sources = all(await dockerfile(), 'COPY')
    .filter(rest => !rest.startsWith('--from='))
    .flatMap(rest => rest.split(' ').slice(0, -1))
  for (const source of sources) {
    t.ok(existsSync(join(PROJECT, source)), source)
    t.ok(ignored.includes(`!${source}`), source)
  }
  t.strictSame(
    ignored.flatMap(line => (line.startsWith('!') ? [line.slice(1)] : [])).toSorted(),
    [...new Set(sources)].toSorted(),
    'and nothing else',
  )
})

void t.test('it is no root that runs, with a folder of its own for what it counted', async t => {
  const stage = lastStage(await dockerfile())
  t.strictSame(all(stage, 'USER'), ['1000:1000'])
  t.strictSame(all(stage, 'VOLUME'), ['/var/lib/edgeclock'])
  t.match(all(stage, 'RUN').join(), /--owner=node .* \/var\/lib\/edgeclock$/)
  for (const service of Object.values(await servicesOf('scale'))) {
    if (service.build === undefined) continue
    t.match(mountsOf(service), [
      { target: '/edgeclock/edgeclock.yml' },
      { target: '/var/lib/edgeclock' },
    ])
  }
})

void t.test('it serves where it says, with the configuration beside it', async t => {
  const stage = lastStage(await dockerfile())
  t.strictSame(all(stage, 'EXPOSE'), [serveFlags['web.listen-address'].default.slice(1)])
  t.strictSame(words(all(stage, 'ENTRYPOINT')[0] ?? ''), ['node', 'dist/cli.js'])
  t.strictSame(words(all(stage, 'CMD')[0] ?? ''), ['serve'])
  t.match(all(stage, 'COPY'), [/\bedgeclock\.yml\b/, 'alerts/runbooks alerts/runbooks'])
})

void t.test('its health check is true of a real exporter, and of no other', async t => {
  const [check = ''] = all(lastStage(await dockerfile()), 'HEALTHCHECK')
  const [node, ...args] = words(/ CMD (\[.*\])$/.exec(check)?.[1] ?? '[]')
  t.equal(node, 'node')
  const asking = (address: string) =>
    ran([process.execPath, ...args.map(arg => arg.replace('127.0.0.1:10429', address))])
  const exporter = await startExporter(t, { reference: { servers: ['127.0.0.1:9'] } })
  t.match(args.at(-1), 'http://127.0.0.1:10429/-/healthy')
  t.equal(await asking(exporter.address), 0)
  t.equal(await asking(`127.0.0.1:${await freeTcpPort()}`), 1)
  t.equal(await asking(`${exporter.address}/elsewhere`), 1)
  t.equal((await exporter.get('/metrics')).status, 200)
})
