import t from 'tap'
import { parseListenAddress } from '../../src/web/listen.js'

void t.test('what --web.listen-address takes', async t => {
  for (const [text, expected] of [
    [':10429', { host: undefined, port: 10_429 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:9000', { host: '::1', port: 9000 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
    ['10429', undefined],
    [':70000', undefined],
    ['::1:80', { host: '::1', port: 80 }],
    ['a b:80', undefined],
    ['127.0.0.1:1:2', undefined],
    ['', undefined],
  ] as const) {
    t.same(parseListenAddress(text), expected, text)
  }
})
