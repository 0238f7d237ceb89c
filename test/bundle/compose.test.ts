import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'
import { version } from '../../src/version.js'
import { requirePeer, skipUnless } from '../peers/peer.js'
import { PROJECT, mountsOf, healthUrl, readCompose, servicesOf } from './compose-file.js'

const PROFILES: Readonly<Record<string, readonly string[]>> = {
  single: ['alertmanager', 'edgeclock', 'grafana', 'prometheus'],
  demo: ['alertmanager', 'demo', 'edgeclock', 'grafana', 'prometheus'],
  scale: [
    'alertmanager-1',
    'alertmanager-2',
    'edgeclock-1',
    'edgeclock-2',
    'grafana-scale',
    'vmagent',
    'vmalert',
    'vminsert',
    'vmselect',
    'vmstorage-1',
    'vmstorage-2',
  ],
}
/** Where a service listens besides for what its health check asks. */
const MORE_PORTS: Readonly<Record<string, readonly string[]>> = {
  'vmstorage-1': ['8400', '8401'],
  'vmstorage-2': ['8400', '8401'],
  'alertmanager-1': ['9094'],
  'alertmanager-2': ['9094'],
}
const EXPORTER_PORT = '10429'
const LISTEN = '--web.listen-address='
const DEADLINE_MS = 60_000
const run = promisify(execFile)
const here = (path: string) => join(PROJECT, path)

const dockerCompose = (args: readonly string[], variables: Record<string, string> = {}) => {
  const { path, env } = requirePeer('docker-compose')
  return run(path, [...args], {
    cwd: PROJECT,
    timeout: DEADLINE_MS,
    env: { ...process.env, ...env, ...variables },
  })
}

void t.test('docker-compose takes the file with each profile, and warns of nothing', async t => {
  if (skipUnless(t, 'docker-compose')) return
  for (const profile of Object.keys(PROFILES)) {
    const { stderr } = await dockerCompose(['--profile', profile, 'config', '--quiet'])
    t.equal(stderr, '', profile)
  }
  const { stdout } = await dockerCompose(['config'], { EDGECLOCK_BIND: '192.0.2.7' })
  t.match(stdout, '192.0.2.7')
  t.notMatch(stdout, '127.0.0.1:10429:')
})

void t.test('each profile has what it is to have; without one it is the single set', async t => {
  const { services } = await readCompose()
  for (const [profile, wanted] of Object.entries(PROFILES)) {
    t.strictSame(Object.keys(await servicesOf(profile)).toSorted(), wanted)
  }
  t.strictSame(
    Object.keys(services).toSorted(),
    [...new Set(Object.values(PROFILES).flat())].toSorted(),
  )
  t.match(await readFile(here('.env'), 'utf8'), /^COMPOSE_PROFILES=single$/m)
})

void t.test('every image is pinned to one release, and ours is this version', async t => {
  const { services } = await readCompose()
  for (const [name, { image, build }] of Object.entries(services)) {
    t.match(image, /^[a-z0-9/-]+:v?\d+\.\d+\.\d+(-cluster)?$/, name)
    if (build !== undefined) t.strictSame([image, build], [`edgeclock:${version}`, '.'])
  }
})

void t.test(
  'only Grafana and the exporter are published, on loopback unless told otherwise',
  async t => {
    for (const profile of Object.keys(PROFILES)) {
      const published = Object.entries(await servicesOf(profile)).flatMap(([name, { ports }]) =>
        ports.map(port => [name, port] as const),
      )
      t.match(published.map(([name]) => name).join(' '), /^edgeclock\S*( edgeclock-2)? grafana\S*$/)
      const taken = published.map(([, port]) => {
        const [, host, target = ''] =
          /^\$\{EDGECLOCK_BIND:-127\.0\.0\.1\}:(\d+):(\d+)$/.exec(port) ?? []
        t.equal(host?.replace('10430', EXPORTER_PORT), target, port)
        return host
      })
      t.equal(new Set(taken).size, taken.length)
    }
    t.match(await readFile(here('.env'), 'utf8'), /^EDGECLOCK_BIND=127\.0\.0\.1$/m)
  },
)

void t.test(
  'every container is read-only, not root, and has no rights that it does not need',
  async t => {
    const { services } = await readCompose()
    for (const [name, service] of Object.entries(services)) {
      t.match(
        service,
        {
          read_only: true,
          user: /^[1-9]\d*:\d+$/,
          cap_drop: ['ALL'],
          security_opt: ['no-new-privileges:true'],
          tmpfs: ['/tmp'],
          restart: 'unless-stopped',
          mem_limit: /^\d+[mg]$/,
          pids_limit: Number,
        },
        name,
      )
      t.notHas(service, 'privileged')
      t.notHas(service, 'cap_add')
    }
  },
)

void t.test(
  'every file that is mounted is there, read-only; every volume is declared and used',
  async t => {
    const { services, volumes } = await readCompose()
    const used = new Set<string>()
    for (const [name, service] of Object.entries(services)) {
      for (const { source, mode } of mountsOf(service)) {
        if (!source.startsWith('./')) {
          used.add(source)
          continue
        }
        t.ok(existsSync(here(source)), `${name}: ${source}`)
        t.equal(mode, 'ro', `${name}: ${source}`)
      }
    }
    t.strictSame([...used].toSorted(), Object.keys(volumes).toSorted())
  },
)

void t.test('no two services of a profile share a volume', async t => {
  for (const profile of Object.keys(PROFILES)) {
    const named = Object.values(await servicesOf(profile))
      .flatMap(mountsOf)
      .map(({ source }) => source)
      .filter(source => !source.startsWith('./'))
    t.equal(new Set(named).size, named.length, profile)
  }
})

const scrapes = z.object({
  scrape_configs: z.array(
    z.object({
      dns_sd_configs: z
        .array(z.object({ names: z.array(z.string()), type: z.string(), port: z.int() }))
        .default([]),
    }),
  ),
})

void t.test('the demo is looked for by its name in the one profile that has it', async t => {
  const { scrape_configs } = scrapes.parse(
    parse(await readFile(here('alerts/prometheus.yml'), 'utf8')),
  )
  const lookups = scrape_configs.flatMap(one => one.dns_sd_configs)
  t.equal(lookups.length, 1)
  for (const { names, type, port } of lookups) {
    t.equal(type, 'A')
    for (const name of names) {
      // The dot is for the resolver: nothing is to be put behind the name.
      t.match(name, /^[a-z0-9-]+\.$/)
      const { [name.slice(0, -1)]: asked } = await servicesOf('demo')
      t.equal(
        asked?.command.find(one => one.startsWith(LISTEN)),
        `${LISTEN}:${port}`,
        name,
      )
      t.notHas(await servicesOf('single'), name.slice(0, -1))
    }
  }
})

/** `http://vmselect:8481/…`, `vmstorage-1:8400`, `alertmanager:9093` → [host, port]. */
const addressesIn = (text: string): readonly (readonly [string, string])[] =>
  [...text.matchAll(/(?<=^|[=/'"\s])([a-z][a-z0-9-]*):(\d{4,5})\b/g)].map(
    ([, host = '', port = '']) => [host, port] as const,
  )

void t.test('whoever is asked is a service of the same profile, and listens there', async t => {
  for (const profile of Object.keys(PROFILES)) {
    const services = await servicesOf(profile)
    let found = 0
    for (const [name, service] of Object.entries(services)) {
      const files = mountsOf(service).filter(({ source }) =>
        /prometheus\.yml|vmagent\.yml/.test(source),
      )
      const read = await Promise.all(files.map(({ source }) => readFile(here(source), 'utf8')))
      const texts = [...service.command, ...Object.values(service.environment), ...read]
      for (const [host, port] of texts.flatMap(addressesIn)) {
        // An instance is named so, and asked under what DNS says: the test above.
        if (host === 'demo' && port === EXPORTER_PORT) continue
        const asked = services[host]
        t.ok(asked, `${name} asks ${host} in ${profile}`)
        const main = asked?.build === undefined ? asked && healthUrl(asked)?.port : EXPORTER_PORT
        t.ok([main, ...(MORE_PORTS[host] ?? [])].includes(port), `${name} asks ${host}:${port}`)
        found++
      }
      for (const other of Object.keys(service.depends_on)) t.ok(services[other], other)
    }
    t.ok(found >= 3, profile)
  }
})

void t.test(
  'Grafana reads what it is given: data source, dashboards, and the first one shown',
  async t => {
    const datasource = await readFile(
      here('grafana/provisioning/datasources/edgeclock.yml'),
      'utf8',
    )
    t.match(datasource, /url: ['"]?\$\{?EDGECLOCK_PROMETHEUS_URL\b/)
    const dashboards = await readFile(here('grafana/provisioning/dashboards/edgeclock.yml'), 'utf8')
    const { providers } = parse(dashboards) as { providers: [{ options: { path: string } }] }
    for (const profile of ['single', 'scale']) {
      const services = Object.values(await servicesOf(profile))
      const grafana = services.find(({ image }) => image.startsWith('grafana/'))
      if (!grafana) throw new Error(`${profile} has no Grafana`)
      const mounted = mountsOf(grafana).find(({ source }) => source === './grafana/dashboards')
      t.equal(providers[0].options.path, mounted?.target)
      const home = grafana.environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? ''
      t.ok(home.startsWith(`${mounted?.target}/`))
      t.ok(existsSync(here(`grafana/dashboards/${home.slice(`${mounted?.target}/`.length)}`)), home)
      t.match(grafana.environment, {
        EDGECLOCK_PROMETHEUS_URL: /^http:/,
        GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
        GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
      })
    }
  },
)
