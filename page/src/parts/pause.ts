/** Waits so many milliseconds. */
export const pause = async (milliseconds: number): Promise<void> =>
  new Promise((done) => setTimeout(done, milliseconds));
