import { test } from 'tap'
import { statusText } from '../../src/protocol/ntstatus.js'

void test('a status that people know has its name, and each its number', async t => {
  t.equal(statusText(0xc000_0022), 'STATUS_ACCESS_DENIED (c0000022)')
  t.equal(statusText(0xc000_0022 | 0), 'STATUS_ACCESS_DENIED (c0000022)', 'whatever its sign')
  t.equal(statusText(0xc000_0999), 'status c0000999')
  t.equal(statusText(0x103), 'status 00000103')
})
