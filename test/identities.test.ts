import t from 'tap'
import type { ModuleSnapshot, ServerSnapshot } from '../src/clockside/snapshot.js'
import { IdentityBook } from '../src/identities.js'

const moduleOf = (module: string, computer: string | undefined): ModuleSnapshot => ({
  module,
  ...(computer !== undefined && { identity: { computer } }),
  failures: {},
  discards: {},
})

const server = (name: string, ...computers: (string | undefined)[]): ServerSnapshot => ({
  pool: 'edgepool1',
  server: name,
  address: `${name}.contoso.com`,
  contradictions: 0,
  steps: 0,
  service: {},
  modules: computers.map((name, i) => moduleOf(`m${i}`, name)),
})

const told = (...names: (readonly [string, readonly string[]])[]) => [{ pool: 'edgepool1', names }]

void t.test('what is new is told until it has arrived, and then no more', async t => {
  const book = new IdentityBook()
  t.equal(book.news({ servers: [server('edge01', undefined)] }), undefined)
  const servers = [server('edge01', 'SRV-A', undefined), server('edge02', 'SRV-B', 'SRV-B')]
  const news = book.news({ servers })
  t.same(news, told(['edge01', ['SRV-A']], ['edge02', ['SRV-B']]))
  t.same(book.news({ servers }), news, 'it may have been lost')
  book.told(news ?? [])
  t.equal(book.news({ servers }), undefined)
  book.forget()
  t.same(book.news({ servers }), news, 'to whoever has not heard of it')
})

void t.test('what arrived at one that is gone since does not count as told', async t => {
  const book = new IdentityBook()
  const servers = [server('edge01', 'SRV-A')]
  const sent = book.news({ servers }) ?? []
  book.forget()
  book.told(sent)
  const again = book.news({ servers })
  t.same(again, sent)
  book.told(sent)
  t.same(book.news({ servers }), sent, 'it was the first one that arrived')
  book.told(book.news({ servers }) ?? [])
  t.equal(book.news({ servers }), undefined)
})

void t.test(
  'a name stays claimed while its server is not read or another computer answers',
  async t => {
    const book = new IdentityBook()
    book.news({ servers: [server('edge01', 'SRV-A')] })
    t.same(book.news({ servers: [server('edge01', undefined)] }), told(['edge01', ['SRV-A']]))
    t.same(
      book.news({ servers: [server('edge01', 'SRV-B')] }),
      told(['edge01', ['SRV-A', 'SRV-B']]),
    )
    const moved = { ...server('edge01', 'SRV-C'), address: '192.0.2.1' }
    t.same(book.news({ servers: [moved] }), told(['edge01', ['SRV-C']]), 'another address')
  },
)

void t.test('a server that calls itself something else each time fills no memory', async t => {
  const book = new IdentityBook()
  let news = book.news({ servers: [] })
  for (let i = 0; i < 1000; i++) news = book.news({ servers: [server('edge01', `S${i}`)] })
  t.equal(news?.[0]?.names[0]?.[1].length, 16)
})

void t.test('many computers in one have no name', async t => {
  const book = new IdentityBook()
  t.equal(book.news({ servers: [server('edge01', 'other')] }), undefined)
})
