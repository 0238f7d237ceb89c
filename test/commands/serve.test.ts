import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { temporaryFolder } from '../peers/scope.js'
import { edgeclock } from './run.js'

void t.test(
  'a bad configuration: every problem with its line, key path and rule; exit 2',
  async t => {
    const file = join(await temporaryFolder(t, 'serve'), 'bad.yml')
    await writeFile(
      file,
      [
        'reference:',
        '  servers: [ntp1.contoso.com, ntp1.contoso.com]',
        '  intervall: 16s',
        '  timeout: 5',
        'pools:',
        '  - name: edgepool1',
        '    modules: [sip_tls]',
        '    servers:',
        '      - {name: edge01, address: "192.0.2.300"}',
        '      - {name: edge01, address: 192.0.2.12}',
      ].join('\n'),
    )
    for (const more of [[], ['--config.check']]) {
      const { code, stderr } = await edgeclock(`--config.file=${file}`, ...more)
      t.equal(code, 2)
      for (const line of [
        /bad\.yml:2:\d+: reference\.servers\[1\]: duplicate: /,
        /bad\.yml:3:\d+: reference\.intervall: unknown-key: .*did you mean interval/,
        /bad\.yml:4:\d+: reference\.timeout: duration: /,
        /bad\.yml:7:\d+: pools\[0\]\.modules\[0\]: unknown-module: /,
        /bad\.yml:9:\d+: pools\[0\]\.servers\[0\]\.address: address: /,
        /bad\.yml:10:\d+: pools\[0\]\.servers\[1\]\.name: duplicate: /,
      ]) {
        t.match(stderr, line)
      }
      t.equal(stderr.trim().split('\n').length, 6, stderr)
    }
  },
)

void t.test('a good configuration passes --config.check with exit 0', async t => {
  t.match(await edgeclock('--config.check', '--config.file=edgeclock.yml'), {
    code: 0,
    stdout: 'edgeclock.yml is good\n',
  })
})

void t.test('a missing file is a problem like any other', async t => {
  const { code, stderr } = await edgeclock('--config.file=/nonexistent/edgeclock.yml')
  t.equal(code, 2)
  t.match(stderr, /edgeclock\.yml: .*cannot be read/)
})

void t.test('what the command line gets wrong is said, with exit 2', async t => {
  for (const [args, why] of [
    [['--config.fiel=x'], /config\.fiel/],
    [['explode'], /no command explode/],
    [['--log.level=loud'], /debug, info, warn, error/],
    [['--web.listen-address=nowhere'], /web\.listen-address/],
    [['--web.listen-address=:70000'], /web\.listen-address/],
    [['--web.telemetry-path=metrics'], /telemetry-path/],
    [['--timeout-offset=-1'], /timeout-offset/],
    [['--shard=0/2'], /--shard is I\/N/],
    [['--shard='], /--shard is I\/N/],
  ] as const) {
    const { code, stderr } = await edgeclock(...args)
    t.equal(code, 2, args.join(' '))
    t.match(stderr, why)
  }
})

void t.test('an address that is taken: exit 1, and the log says so', async t => {
  const taken = createServer()
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
  t.teardown(() => taken.close())
  const { port } = taken.address() as { port: number }
  const ended = await edgeclock(
    '--config.file=edgeclock.yml',
    `--web.listen-address=127.0.0.1:${port}`,
  )
  t.equal(ended.code, 1)
  t.match(ended.stderr, /cannot start.*EADDRINUSE/)
})

void t.test('--version and --help', async t => {
  t.match(await edgeclock('--version'), { code: 0, stdout: /^edgeclock \d+\.\d+\.\d+\n$/ })
  const { code, stdout } = await edgeclock('--help')
  t.equal(code, 0)
  for (const flag of [
    '--config.file=edgeclock.yml',
    '--web.listen-address=:10429',
    '--reference',
  ]) {
    t.match(stdout, flag)
  }
})
