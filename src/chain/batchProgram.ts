import { concat, dataLength, toBeHex } from "ethers";

/** BatchReader.yul, compiled; a test compiles it again. */
export const BATCH_READER =
  "0x62010001607f5b3881106019575b5061ffff190162010000f35b6016815f3960205f80805161ffff8160501c169384918260168801833960601c5afa3d81028085019160dc600484019361fffb19010261c350015a1062016000841117607757600460169596835f930160e01b8152013e9201016006565b50505050600d56";

/** A call that only reads. */
export interface PlainCall {
  readonly to: string;
  readonly data: string;
}

/** Bytes that creation code may have by EIP-3860, which nodes apply to a simulated creation as well. */
const MOST_CODE = 49_152;

const sizeOf = ({ data }: PlainCall): number => 22 + dataLength(data);

/** How many of the calls, from the first on, fit into one batch. */
export function fitting(calls: readonly PlainCall[], most: number): number {
  let size = dataLength(BATCH_READER);
  const end = calls.findIndex((call, i) => i === most || (size += sizeOf(call)) > MOST_CODE);
  return end === -1 ? calls.length : end;
}

/** The creation code that makes the calls. */
export function encodeBatch(calls: readonly PlainCall[]): string {
  return concat([BATCH_READER, ...calls.flatMap(({ to, data }) => [to, toBeHex(dataLength(data), 2), data])]);
}

/**
 * What the calls returned, from the first on, as many as were made; nothing for one that failed.
 *
 * @throws {RangeError} For anything else than an answer of BatchReader.
 */
export function decodeBatch(answer: string): (string | undefined)[] {
  if (!answer.startsWith("0x00")) throw new RangeError("not an answer of BatchReader");
  const results: (string | undefined)[] = [];
  for (let at = 4; at < answer.length;) {
    const head = Number(`0x${answer.slice(at, at + 8)}`);
    const next = at + 8 + 2 * Math.max(0, head - 1);
    if (Number.isNaN(head) || next > answer.length) throw new RangeError("an answer of BatchReader that was cut off");
    results.push(head === 0 ? undefined : `0x${answer.slice(at + 8, next)}`);
    at = next;
  }
  return results;
}
