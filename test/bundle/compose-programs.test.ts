import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { demoFlags } from '../../src/commands/demo.js'
import { type Flags, parseFlags } from '../../src/commands/options.js'
import { serveFlags } from '../../src/commands/serve.js'
import { parseShard } from '../../src/config/shard.js'
import { alertmanagerProgram } from '../peers/alertmanager-program.js'
import type { Peer } from '../peers/debian.js'
import { requirePeer, skipUnless } from '../peers/peer.js'
import { freeTcpPort } from '../peers/ports.js'
import { startProcess } from '../peers/process.js'
import { promtool } from '../peers/prometheus.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import {
  PROJECT,
  argumentsHere,
  healthUrl,
  mountsOf,
  serviceOf,
  servicesOf,
} from './compose-file.js'

const REQUEST_TIMEOUT_MS = 5000
const commands: Readonly<Record<string, Flags>> = { serve: serveFlags, demo: demoFlags }

const answers = async (url: string): Promise<boolean> =>
  (await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })).ok

/**
 * Starts a service's own program with the arguments that compose gives it, the project's files for the
 * mounted ones, on a free port, and asks what its health check asks.
 */
const startsAsComposed = async (
  scope: Scope,
  name: string,
  { program: { path, env }, listen, replace }: Starting,
): Promise<void> => {
  const service = await serviceOf(name)
  const folder = await temporaryFolder(scope, name)
  const address = `127.0.0.1:${await freeTcpPort()}`
  const health = healthUrl(service)
  if (!health) throw new Error(`${name} has no health check`)
  await startProcess(scope, {
    name,
    command: path,
    args: [...argumentsHere(service).map(given => replace(given, folder)), `${listen}=${address}`],
    env,
    cwd: folder,
    ready: () => answers(`http://${address}${health.pathname}`),
  })
}

interface Starting {
  readonly program: Peer
  /** The flag that says where to listen, which compose leaves as it is. */
  readonly listen: string
  /** An argument as it can be used here. */
  readonly replace: (argument: string, folder: string) => string
}

/** Where the program listens unless told otherwise, as its own help says. */
const usualPort = async (scope: Scope, { path, env }: Peer, listen: string): Promise<string> => {
  const help = await startProcess(scope, { command: path, args: ['--help'], env })
  await help.exited
  const at = help.output().search(new RegExp(`^ +${listen}[ =]`, 'm'))
  return /:(\d{4,5})\b/.exec(help.output().slice(at))?.[1] ?? ''
}

void t.test("the exporter's services have arguments that it takes", async t => {
  for (const profile of ['single', 'demo', 'scale']) {
    for (const [name, service] of Object.entries(await servicesOf(profile))) {
      if (service.build === undefined) continue
      const [command = 'serve', ...args] = service.command
      const flags = parseFlags(args, commands[command] ?? {})
      t.ok(flags.ok, flags.ok ? name : `${name}: ${flags.why}`)
      if (!flags.ok) continue
      t.strictSame(flags.value.positionals, [])
      t.strictSame(flags.value.list('web.listen-address'), [':10429'], name)
    }
  }
})

void t.test('the shards of the profile scale are all of one division', async t => {
  const services = Object.values(await servicesOf('scale'))
  const shards = services
    .flatMap(({ command }) => command)
    .flatMap(argument => parseShard(/^--shard=(.*)$/.exec(argument)?.[1] ?? '') ?? [])
  t.strictSame(
    shards.map(({ index }) => index),
    [1, 2],
  )
  t.ok(shards.every(({ count }) => count === shards.length))
})

void t.test('Prometheus runs as composed, and is healthy where compose asks', async t => {
  if (skipUnless(t, 'prometheus', 'promtool')) return
  const file = join(await temporaryFolder(t, 'prometheus'), 'prometheus.yml')
  await cp(join(PROJECT, 'alerts', 'prometheus.yml'), file)
  await cp(join(PROJECT, 'alerts', 'rules'), join(file, '..', 'rules'), { recursive: true })
  const checked = await promtool(['check', 'config', file])
  t.equal(checked.code, 0, checked.stderr)
  t.match(checked.stdout, /SUCCESS: [1-9]\d* rule files found/)
  await startsAsComposed(t, 'prometheus', {
    program: requirePeer('prometheus'),
    listen: '--web.listen-address',
    replace: (given, folder) => given.replace('=/prometheus', `=${folder}`),
  })
  t.equal(
    await usualPort(t, requirePeer('prometheus'), '--web.listen-address'),
    await portOf('prometheus'),
  )
})

void t.test('Prometheus has its rules where its configuration looks for them', async t => {
  const mounts = mountsOf(await serviceOf('prometheus'))
  t.match(mounts, [
    { source: './alerts/prometheus.yml', target: '/etc/prometheus/prometheus.yml' },
    { source: './alerts/rules', target: '/etc/prometheus/rules' },
  ])
})

for (const name of ['alertmanager', 'alertmanager-1']) {
  void t.test(`${name} runs as composed, and is healthy where compose asks`, async t => {
    if (skipUnless(t, 'alertmanager')) return
    const program = await alertmanagerProgram(t)
    const cluster = await freeTcpPort()
    await startsAsComposed(t, name, {
      program,
      listen: '--web.listen-address',
      replace: (given, folder) =>
        given
          .replace('=/alertmanager', `=${folder}`)
          .replace('0.0.0.0:9094', `127.0.0.1:${cluster}`)
          .replace(/alertmanager-\d:9094/, `127.0.0.1:${cluster}`),
    })
    t.equal(await usualPort(t, program, '--web.listen-address'), await portOf(name))
  })
}

void t.test('vmagent runs as composed, and is healthy where compose asks', async t => {
  if (skipUnless(t, 'vmagent')) return
  await startsAsComposed(t, 'vmagent', {
    program: requirePeer('vmagent'),
    listen: '-httpListenAddr',
    replace: (given, folder) =>
      given.replace('=/var/tmp', `=${folder}`).replace('vminsert:8480', '127.0.0.1:9'),
  })
  t.equal(await usualPort(t, requirePeer('vmagent'), '-httpListenAddr'), await portOf('vmagent'))
})

void t.test('vmalert runs as composed, and is healthy where compose asks', async t => {
  if (skipUnless(t, 'vmalert')) return
  await startsAsComposed(t, 'vmalert', {
    program: requirePeer('vmalert'),
    listen: '-httpListenAddr',
    // Debian's 1.79 has no evalDelay yet, and a name that is not found delays its start.
    replace: given =>
      given
        .replace('-rule.evalDelay', '-datasource.lookback')
        .replace(/(vmselect|vminsert|alertmanager-\d):\d+/, '127.0.0.1:9'),
  })
  t.equal(await usualPort(t, requirePeer('vmalert'), '-httpListenAddr'), await portOf('vmalert'))
})

const portOf = async (name: string): Promise<string> => healthUrl(await serviceOf(name))?.port ?? ''
