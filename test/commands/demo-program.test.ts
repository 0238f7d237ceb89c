import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import t from 'tap'
import { describeExit, findProgram, freePort } from '../../src/commands/demo-program.js'
import { freeTcpPort } from '../peers/ports.js'
import { temporaryFolder } from '../peers/scope.js'

void t.test('a program is the first on the PATH that can be run, by any of its names', async t => {
  const folder = await temporaryFolder(t, 'programs')
  const path = ['none', 'first', 'second'].map(name => join(folder, name)).join(delimiter)
  const put = async (file: string, mode: number) => {
    await writeFile(join(folder, file), '#!/bin/sh\n')
    await chmod(join(folder, file), mode)
  }
  await mkdir(join(folder, 'first', 'a-program'), { recursive: true })
  await mkdir(join(folder, 'second'))
  await put('first/b-program', 0o644)
  const names = ['a-program', 'b-program']
  t.equal(findProgram(names, path), undefined, 'a folder and a text')
  await put('second/b-program', 0o755)
  t.equal(findProgram(names, path), join(folder, 'second', 'b-program'))
  await put('second/a-program', 0o755)
  t.equal(findProgram(names, path), join(folder, 'second', 'a-program'))
  await chmod(join(folder, 'first/b-program'), 0o755)
  t.equal(findProgram(names, path), join(folder, 'first', 'b-program'))
})

void t.test('a port is the usual one where that is free, else another', async t => {
  const wanted = await freeTcpPort()
  t.equal(await freePort(wanted), wanted)
  const server = createServer().listen(wanted, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const other = await freePort(wanted)
  t.ok(other > 0 && other !== wanted)
})

void t.test('an exit is told by its code, or by the signal that the guard passes on', t => {
  t.equal(describeExit(0, null), 'exit code 0')
  t.equal(describeExit(2, null), 'exit code 2')
  t.equal(describeExit(127, null), 'exit code 127')
  t.equal(describeExit(128 + 9, null), 'SIGKILL')
  t.equal(describeExit(255, null), 'exit code 255')
  t.equal(describeExit(null, 'SIGKILL'), 'SIGKILL', 'the guard itself')
  t.end()
})
