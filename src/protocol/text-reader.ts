/** Reads text that comes in windows. Positions are kept by whoever owns the file. */
export interface TextReader {
  /**
   * `text` begins where the last call stopped consuming. Returns how many characters are done with (0..text.length): whole records only;
   * a record cut by the end waits. `more`: the window is full and more follows, so what does not fit in it is skipped (and counted malformed), and the return is then > 0.
   */
  read(text: string, more: boolean): number
  /** What has to survive a restart beside the position: plain JSON, small. */
  save(): unknown
  /** There is no more to come: `rest`, what still waited, is all there is of it. */
  finish?(rest: string): void
}
