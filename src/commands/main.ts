import { version } from '../version.js'
import { demo, demoFlags } from './demo.js'
import { doctor, doctorFlags } from './doctor.js'
import { explain, explainFlags } from './explain.js'
import { describeFlags } from './options.js'
import { read, readFlags } from './read.js'
import { serve, serveFlags } from './serve.js'

/** A command takes its arguments and ends with the process's exit code. */
type Command = (args: readonly string[]) => Promise<number>

const commands: { readonly [name: string]: Command } = {
  serve,
  read,
  doctor,
  explain,
  demo,
}

const usage = `edgeclock ${version}: reads the clocks of Edge pools from outside and counts the calls that fail, for Prometheus

edgeclock [serve] [FLAG…]
${describeFlags(serveFlags)}

edgeclock read HOST[:PORT] [FLAG…]   reads one clock now; exit 0 right, 1 warning, 2 critical, 3 not read
${describeFlags(readFlags)}

edgeclock doctor [FLAG…]              looks at this machine's own time keeping: what is wrong, why, and what repairs it
                                     exit 0 well, 1 warning, 2 critical, 3 not to be told
${describeFlags(doctorFlags)}

edgeclock explain FILE… [FLAG…]      explains traces: why calls failed, whose clock is wrong; - is standard input
                                     exit 0 nothing failed, 1 calls or other requests failed, 3 nothing could be read
${describeFlags(explainFlags)}

edgeclock demo [FLAG…]               watches a simulated Edge pool
${describeFlags(demoFlags)}

edgeclock --version | --help
`

/** Runs the command that the arguments name; without a name it is `serve`. */
export const run = async (args: readonly string[]): Promise<number> => {
  if (args.includes('--help')) return say(usage)
  if (args.includes('--version')) return say(`edgeclock ${version}\n`)
  const [first = '', ...rest] = args
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined
  return command ? command(rest) : serve(args)
}

const say = (text: string): number => {
  process.stdout.write(text)
  return 0
}
