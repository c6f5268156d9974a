/**
 * A reader whose answer is given to everybody who asks within a while, and while it is being read: whoever asks often makes the chain
 * answer no more often.
 *
 * @param life Milliseconds.
 * @param now Unix milliseconds.
 */
export function remembered<T>(read: () => Promise<T>, life: number, now: () => number): () => Promise<T> {
  let known: { readonly at: number; readonly answer: () => Promise<T> } | undefined;
  return async () => {
    const age = now() - (known?.at ?? 0);
    // Less than nothing: this machine's clock was set back, and what is known may be older than it seems.
    if (known !== undefined && age >= 0 && age < life) return known.answer();
    // eslint-disable-next-line local/kept-promises -- awaited at once; others share it
    const reading = read();
    const mine = { at: now(), answer: async () => reading };
    known = mine;
    try {
      return await reading;
    } catch (error) {
      if (known === mine) known = undefined;
      throw error;
    }
  };
}
