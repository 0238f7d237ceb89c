/** The process ends right after: what is on its way into a pipe or a console has to be through. */
export const print = (text: string): Promise<void> =>
  new Promise(resolve => {
    process.stdout.write(text, () => resolve())
  })
