/** Epochs in a word of the challenge manager's bitmaps, as `EpochBitmap` of the contracts has it. */
export const EPOCHS_PER_WORD = 192n;

/**
 * Reads the words in which the challenge manager keeps a bit for each epoch, such as `provenWord`, each once.
 *
 * @param read Reads a word by its number.
 * @param first The first epoch that is asked about.
 * @param last The last one.
 * @returns Whether the bit of one of these epochs is set.
 */
export async function readEpochBits(
  read: (word: bigint) => Promise<bigint>,
  first: bigint,
  last: bigint,
): Promise<(epoch: bigint) => boolean> {
  const lowest = first / EPOCHS_PER_WORD;
  const numbers = Array.from({ length: Number(last / EPOCHS_PER_WORD - lowest) + 1 }, (_, i) => lowest + BigInt(i));
  const words = new Map(
    await Promise.all(numbers.map(async (word): Promise<[bigint, bigint]> => [word, await read(word)])),
  );
  return (epoch) => (((words.get(epoch / EPOCHS_PER_WORD) ?? 0n) >> (epoch % EPOCHS_PER_WORD)) & 1n) === 1n;
}
