import { test } from 'tap'
import {
  builtInModules,
  moduleOptions,
  PROBER_KINDS,
  proberOptions,
} from '../../src/config/modules.js'
import { milliseconds, seconds } from '../../src/time/units.js'

void test('every prober is a module under its own name, with its defaults', async t => {
  t.same(builtInModules()[0], { name: 'ntp', kind: 'ntp', port: 123, timeout: seconds(1) })
  t.match(Object.fromEntries(builtInModules().map(module => [module.name, module])), {
    tls: { port: 443, timeout: seconds(5), staleness: milliseconds(16), server_name: '' },
    rdp: { port: 3389, staleness: milliseconds(16) },
    winrm: { port: 5985, tls: false, path: '/wsman' },
    smb: { port: 445, staleness: milliseconds(16) },
    http: { port: 80, tls: false, path: '/', staleness: seconds(1) },
    exporter: { port: 9182, timeout: seconds(10), path: '/metrics' },
  })
  t.same(
    builtInModules().map(module => module.name),
    PROBER_KINDS,
  )
})

void test('a module of every prober has exactly the options of the table, and each has its line', async t => {
  for (const kind of PROBER_KINDS) {
    const module = moduleOptions.parse({ prober: kind })
    t.same(Object.keys(module).sort(), ['kind', ...Object.keys(proberOptions[kind])].sort())
    for (const { doc } of Object.values(proberOptions[kind])) t.match(doc, /\w \(default .+\)$/)
  }
})

void test('inside TLS the usual port is another one, unless one is written', async t => {
  const port = (options: object): number => moduleOptions.parse(options).port
  t.equal(port({ prober: 'winrm', tls: true }), 5986)
  t.equal(port({ prober: 'http', tls: true }), 443)
  t.equal(port({ prober: 'http', tls: true, port: 8443 }), 8443)
  t.equal(port({ prober: 'http', tls: false }), 80)
  t.equal(port({ prober: 'exporter', tls: true }), 9182)
})
