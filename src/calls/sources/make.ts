import type { SourceConfig } from '../../config/sources.js'
import type { Log } from '../../net/log.js'
import type { Clock } from '../../time/clock.js'
import type { Inlet } from '../pool-calls.js'
import { FileSource, eventReader, traceReader } from './files.js'
import { HepSource } from './hep.js'
import { LogSource } from './log.js'
import { PushSource } from './push.js'
import type { SavedSource, Source } from './source.js'

export interface SourceParts {
  readonly pool: Inlet
  readonly log: Log
  readonly clock: Pick<Clock, 'mono'>
  /** For temporary files. */
  readonly directory: string
  /** The state's own files, which no pattern means. */
  readonly isOurs: (path: string) => boolean
  readonly saved: SavedSource | undefined
}

/** A source at work. The only place that tells the kinds apart; a new kind is a case here. */
export const makeSource = (config: SourceConfig, parts: SourceParts): Source => {
  const { pool, log, clock, directory, isOurs, saved } = parts
  const files = { log, clock, isOurs }
  switch (config.kind) {
    case 'trace':
      return new FileSource(config.path, traceReader(pool), files, saved)
    case 'events':
      return 'log' in config
        ? new LogSource(config.log, config.interval, directory, pool, log, saved)
        : new FileSource(config.path, eventReader(pool), files, saved)
    case 'hep':
      return new HepSource(config, pool, log, saved)
    case 'push':
      return new PushSource(pool, clock, saved)
  }
}
