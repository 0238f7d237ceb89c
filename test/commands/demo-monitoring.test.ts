import { readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import t, { type Test } from 'tap'
import { findMonitoring } from '../../src/commands/demo-monitoring.js'
import { CLI } from '../exporter/exporter.js'
import { alertmanagerProgram } from '../peers/alertmanager-program.js'
import { joinEnv, requirePeer, skipUnless } from '../peers/peer.js'
import { type StartedProcess, startProcess } from '../peers/process.js'
import { temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'

const startDemo = async (t: Test, env: Record<string, string>, ...args: string[]) => {
  const folder = await temporaryFolder(t, 'demo')
  const demo = await startProcess(t, {
    name: 'edgeclock demo',
    command: process.execPath,
    args: [CLI, 'demo', '--web.listen-address=127.0.0.1:0', ...args],
    env: { ...env, TMPDIR: folder, TEMP: folder },
    ready: output => /Open http/.test(output),
  })
  return { demo, folder }
}

/** Waits for a line; what was printed instead is in the error. */
const said = (demo: StartedProcess, line: RegExp, timeoutMs = 15_000) =>
  until(() => line.exec(demo.output()), { what: `the demo to print ${line}`, timeoutMs }).catch(
    (error: unknown) => {
      throw new Error(`The demo printed:\n${demo.output()}`, { cause: error })
    },
  )

const ended = (demo: StartedProcess, signal: NodeJS.Signals) => {
  process.kill(demo.pid, signal)
  return demo.exited
}

const answers = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    () => true,
    () => false,
  )

/** Programs of these names that are no more than these lines of sh. */
const fakePrograms = async (t: Test, scripts: Record<string, string>) => {
  const folder = await temporaryFolder(t, 'programs')
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
  return { PATH: [folder, process.env['PATH']].join(delimiter) }
}

/** Of both fakes. @throws Error until each has written its own. */
const pidsIn = async (folder: string): Promise<number[]> => {
  const [own = ''] = await readdir(folder)
  const files = ['prometheus', 'alertmanager'].map(name => join(folder, own, name, 'pid'))
  return (await Promise.all(files.map(file => readFile(file, 'utf8')))).map(Number)
}

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The real programs by their usual names, first on the PATH. */
const realPrograms = async (t: Test) => {
  const peers = {
    prometheus: requirePeer('prometheus'),
    alertmanager: await alertmanagerProgram(t),
  }
  const folder = await temporaryFolder(t, 'programs')
  for (const [name, { path }] of Object.entries(peers)) await symlink(path, join(folder, name))
  const path = { PATH: [folder, process.env['PATH']].join(delimiter) }
  return joinEnv(...Object.values(peers).map(({ env }) => env), path)
}

void t.test(
  'the demo pages for edge02, ties failed calls to it, and says when it is over',
  async t => {
    if (skipUnless(t, 'prometheus', 'alertmanager')) return
    const { demo, folder } = await startDemo(
      t,
      await realPrograms(t),
      '--reboot-after=8s',
      '--repair-after=90s',
    )
    const [, prometheus = ''] = await said(demo, /Prometheus at (http:\S+)alerts$/m)
    const [, alertmanager = ''] = await said(demo, /Alertmanager is at (http:\S+)/)
    const place = 'The clock of edge02 in pool edgepool1 is 6h behind'
    const resolved = 'RESOLVED: edge02 in edgepool1: '
    await said(demo, new RegExp(`^PAGE \\(critical\\): ${place} and .*w32tm /resync`, 'm'), 100_000)
    await said(
      demo,
      new RegExp(`^PAGE \\(critical\\): ${place}, and \\d+ calls? to voicemail failed`, 'm'),
      100_000,
    )
    await said(demo, /^edge02 is repaired/m, 100_000)
    await said(demo, new RegExp(`^${resolved}A server's clock is`, 'm'), 150_000)
    await said(demo, new RegExp(`^${resolved}Calls to voicemail fail`, 'm'), 60_000)
    t.equal(demo.output().match(/^PAGE /gm)?.length, 2, 'two pages, each once')
    t.notMatch(demo.output(), /edge01 in|clock of edge01|has ended/)
    t.same(await ended(demo, 'SIGINT'), { code: 0, signal: null })
    t.notOk(await answers(prometheus))
    t.notOk(await answers(alertmanager))
    t.same(await readdir(folder), [], 'their data has gone with the demo')
  },
)

void t.test('where they are not installed the demo says what to install', async t => {
  const found = findMonitoring('')
  if ('prometheus' in found) return void t.pass('they are, where daemons are', { skip: true })
  t.strictSame(found.missing, ['prometheus', 'prometheus-alertmanager'])
  const { demo } = await startDemo(t, { PATH: '' })
  await said(
    demo,
    /install Prometheus and Alertmanager; missing here: prometheus, prometheus-alertmanager \(Debian: apt-get install prometheus prometheus-alertmanager\)\.$/m,
  )
  t.same(await ended(demo, 'SIGTERM'), { code: 0, signal: null })
})

void t.test('what ends early is told of with its code, signal and last lines', async t => {
  const env = await fakePrograms(t, {
    prometheus: 'echo one; echo two >&2; exit 3',
    alertmanager: 'kill -ABRT $$',
  })
  const { demo } = await startDemo(t, env)
  const [, url = ''] = /Open (http:\S+)/.exec(demo.output()) ?? []
  await said(
    demo,
    /^Prometheus has ended \(exit code 3\), and the demo goes on without it.*\n {2}(one\n {2}two|two\n {2}one)$/m,
  )
  await said(demo, /^Alertmanager has ended \(SIGABRT\), and the demo .* It said nothing\.$/m)
  t.ok(await answers(`${url}/metrics`), 'the demo goes on')
  t.same(await ended(demo, 'SIGTERM'), { code: 0, signal: null })
})

void t.test('both end with the demo, also where that is killed', async t => {
  const env = await fakePrograms(t, {
    prometheus: 'echo $$ > pid; exec sleep 600',
    alertmanager: 'echo $$ > pid; exec sleep 600',
  })
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const { demo, folder } = await startDemo(t, env)
    const pids = await until(() => pidsIn(folder), { what: 'both to run' })
    t.equal(pids.filter(isRunning).length, 2)
    await ended(demo, signal)
    await until(() => !pids.some(isRunning), { what: `both to end after ${signal}` })
  }
})

void t.test('with --monitoring=never nothing is started, and nothing said', async t => {
  const env = await fakePrograms(t, { prometheus: 'exit 1', alertmanager: 'exit 1' })
  const { demo, folder } = await startDemo(t, env, '--monitoring=never', '--reboot-after=1s')
  await said(demo, /goes down for a reboot/)
  t.notMatch(demo.output(), /Prometheus|Alertmanager/)
  const [own = ''] = await readdir(folder)
  t.notOk((await readdir(join(folder, own))).includes('prometheus'))
})
