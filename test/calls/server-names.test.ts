import * as fc from 'fast-check'
import t from 'tap'
import { ServerNames } from '../../src/calls/server-names.js'
import { usedBytes } from '../fuzz/heap.js'
import { holds } from '../time/holds.js'

void t.test('a configured server is meant in any case, and with its domain', async t => {
  const names = new ServerNames(['Edge01', 'edge02.contoso.com'])
  for (const logged of ['EDGE01', 'edge01', 'Edge01.contoso.com']) {
    t.equal(names.label(logged), 'Edge01', logged)
    t.equal(names.label(logged), 'Edge01', 'again')
  }
  t.equal(names.label('EDGE02.CONTOSO.COM'), 'edge02.contoso.com')
})

void t.test('another server is its name in lower case, and no name is none', async t => {
  const names = new ServerNames(['edge01'])
  t.equal(names.label('FE1.Contoso.com'), 'fe1.contoso.com')
  t.equal(names.label(''), '')
})

void t.test('what is no host name is other', async t => {
  const names = new ServerNames([])
  for (const logged of [
    'a b',
    '<x>',
    '-a',
    'a-',
    '.',
    'x'.repeat(300),
    'edge\u0001',
    'edgé',
    '"',
  ]) {
    t.equal(names.label(logged), 'other', JSON.stringify(logged))
  }
  t.equal(names.label('x'.repeat(253)), 'x'.repeat(253))
})

void t.test('whatever is logged, there are no more than 64 labels besides', async t => {
  const names = new ServerNames(['edge01'])
  const labels = new Set(Array.from({ length: 5000 }, (_, i) => names.label(`server${i}`)))
  t.equal(labels.size, 65)
  t.ok(labels.has('other') && labels.has('server63'))
  t.equal(names.label('server0'), 'server0', 'the first stay what they are')
  t.equal(names.label('server4999'), 'other')
  t.equal(names.label('EDGE01'), 'edge01')
})

void t.test('names that were labels before are labels first', async t => {
  const names = new ServerNames([], ['old', '', 'other'])
  for (let i = 0; i < 100; i++) names.label(`s${i}`)
  t.equal(names.label('OLD'), 'old')
})

void t.test('a label is a host name, other or empty, and the same each time', async t => {
  const names = new ServerNames(['edge01'])
  const logged = fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z][A-Za-z0-9.-]{0,20}$/))
  holds(
    t,
    fc.property(logged, name => {
      const label = names.label(name)
      return label === names.label(name) && /^[a-z0-9._-]*$/.test(label)
    }),
    { numRuns: 3000 },
  )
})

void t.test(
  'a cut of a window is not kept as a label',

  async t => {
    const before = usedBytes()
    const all = Array.from({ length: 50 }, (_, i) => {
      const names = new ServerNames([])
      names.label(`SOME-LONG-SERVER-${i}`)
      const window = Buffer.alloc(1 << 20, `some-long-server-${i} `).toString('latin1')
      return [names, names.label(window.slice(0, `some-long-server-${i}`.length))] as const
    })
    t.ok(usedBytes() - before < 10 << 20, String(all.length))
  },
)

void t.test('a server is meant by what it calls itself, and by its configured name first', t => {
  const names = new ServerNames(
    ['edge01', 'edge02'],
    [],
    [
      ['edge01', ['SRV-A', 'srv-a.contoso.com']],
      ['edge02', ['EDGE01', 'Srv-B.contoso.com']],
      ['removed', ['SRV-C']],
    ],
  )
  for (const logged of ['SRV-A', 'srv-a.CONTOSO.com', 'srv-a.other.com', 'edge01']) {
    t.equal(names.label(logged), 'edge01', logged)
  }
  t.equal(names.label('SRV-B'), 'edge02')
  t.equal(names.label('srv-b.contoso.com'), 'edge02')
  t.equal(names.label('SRV-C'), 'srv-c', 'of a server that is not configured')
  t.end()
})

void t.test('a name that two servers claim says nothing', t => {
  const names = new ServerNames(
    ['edge01', 'edge02'],
    [],
    [
      ['edge01', ['NODE1', 'node1.contoso.com', 'node1.contoso.com']],
      ['edge02', ['node1', 'NODE2']],
    ],
  )
  t.equal(names.label('NODE1'), 'node1')
  t.equal(names.label('NODE2'), 'edge02')
  t.equal(names.label('node1.contoso.com'), 'edge01', 'the long one is of one server')
  t.end()
})
