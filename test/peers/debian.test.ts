import { test } from 'tap'
import { closure, parseDepends } from './apt.js'
import { findPeer, providePeers } from './debian.js'
import { skipUnless } from './peer.js'

const DEPENDS = `chrony
  PreDepends: init-system-helpers
  Depends: adduser
  Depends: libedit2
 |Depends: libfoo
  Depends: libfoo-compat
  Depends: <editor>
    nano
    vim
init-system-helpers
libedit2
  Depends: libbsd0
libbsd0
`

void test('a package brings what it needs and is not installed', async t => {
  const brought = closure(parseDepends(DEPENDS), ['chrony'], new Set(['vim']))
  t.same(brought, ['chrony', 'libedit2', 'libfoo', 'libbsd0'])
})

void test('an installed alternative is enough', async t => {
  const installed = new Set(['vim', 'libfoo-compat', 'libedit2'])
  t.same(closure(parseDepends(DEPENDS), ['chrony'], installed), ['chrony'])
})

void test('a virtual package is met by its first provider', async t => {
  const installed = new Set(['libfoo', 'libedit2'])
  t.same(closure(parseDepends(DEPENDS), ['chrony'], installed), ['chrony', 'nano'])
})

void test('nothing is brought twice: the second time there is nothing to say', async t => {
  if (skipUnless(t, 'chronyd')) return
  const said: string[] = []
  t.same(providePeers(['chronyd'], { log: line => said.push(line) }), { missing: [] })
  t.same(said, [])
})

void test('a program that is not in the table is a mistake of the caller', async t => {
  t.throws(() => findPeer('sntp'), /not in the table/)
})
