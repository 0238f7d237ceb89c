/**
 * What signals do now. The process's own handlers are set once and stay: where they are taken off and
 * set anew, a signal that comes in between is lost.
 */
export const onSignal = {
  /** SIGTERM, SIGINT. Before there is anything to stop, a supervisor gets its 0. */
  stop: (_signal: string): void => process.exit(0),
  /** SIGHUP. Before there is anything to reload it is nothing, and no end. */
  reload: (): void => undefined,
}

export const catchSignals = (): void => {
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => onSignal.stop(signal))
  process.on('SIGHUP', () => onSignal.reload())
}
