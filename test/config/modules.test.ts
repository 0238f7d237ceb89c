import { test } from 'tap'
import {
  builtInModules,
  moduleOptions,
  PROBER_KINDS,
  proberOptions,
} from '../../src/config/modules.js'
import { seconds } from '../../src/time/units.js'

void test('every prober is a module under its own name, with its defaults', async t => {
  t.same(builtInModules(), [{ name: 'ntp', kind: 'ntp', port: 123, timeout: seconds(1) }])
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
