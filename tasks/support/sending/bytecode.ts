import { dataLength, toBeHex } from "ethers";

/** A call that an account makes. */
export interface Call {
  readonly to: string;
  readonly data: string;
  /** In wei. */
  readonly value: bigint;
}

/** Whoever asks an account under this code to make its calls. Nobody has its key, and it holds nothing. */
export const ASKER = "0x00000000000000000000000000000000005eC0de";

/** ERC-1271's "this signature is good", in the first of 32 bytes. */
const GOOD_SIGNATURE = `0x1626ba7e${"00".repeat(28)}`;

const op = {
  sub: "03",
  add: "01",
  eq: "14",
  caller: "33",
  callDataCopy: "37",
  returnDataSize: "3d",
  returnDataCopy: "3e",
  store: "52",
  jumpIf: "57",
  gas: "5a",
  label: "5b",
  swap: "90",
  call: "f1",
  return: "f3",
} as const;

const push = (value: bigint | number, bytes: number): string =>
  (0x5f + bytes).toString(16) + toBeHex(value, bytes).slice(2);
const zero = "5f";
/** A length or a place, which all fit into four bytes. */
const at = (value: number): string => push(value, 4);

/** Collects code; its length is where the next instruction stands. */
class Code {
  text = "";

  add(...parts: readonly string[]): void {
    this.text += parts.join("");
  }

  /** Jumps over what `skipped` adds where the top of the stack is not zero. */
  unless(skipped: () => string): void {
    const body = skipped();
    const target = this.text.length / 2 + 6 + body.length / 2;
    this.add(at(target), op.jumpIf, body, op.label);
  }
}

/**
 * Code under which an account makes calls one after the other when {@link ASKER} asks it to, with all their data joined as its own.
 * Anybody else, a contract that calls the account back, is told that every signature of the account is good.
 *
 * It answers in words of 32 bytes: how many calls succeeded, then the gas that each of the calls took, then what the last one
 * returned, or the refusal of the first that failed; no call is made after that one.
 */
export function codeFor(calls: readonly Call[]): string {
  const code = new Code();
  const longest = Math.max(...calls.map(({ data }) => dataLength(data)));
  const head = Math.ceil(longest / 32) * 32;
  const headLength = 32 * (calls.length + 1);
  const answer = (succeeded: number): string =>
    [
      ...[at(succeeded), at(head), op.store],
      ...[op.returnDataSize, zero, at(head + headLength), op.returnDataCopy],
      ...[op.returnDataSize, at(headLength), op.add, at(head), op.return],
    ].join("");
  code.add(op.caller, push(BigInt(ASKER), 20), op.eq);
  code.unless(() => [push(BigInt(GOOD_SIGNATURE), 32), zero, op.store, push(32, 1), zero, op.return].join(""));
  let place = 0;
  for (const [i, { to, data, value }] of calls.entries()) {
    const length = dataLength(data);
    code.add(at(length), at(place), zero, op.callDataCopy);
    code.add(op.gas, zero, zero, at(length), zero, push(value, 32), push(BigInt(to), 20), op.gas, op.call);
    code.add(op.swap, op.gas, op.swap, op.sub, at(head + 32 * (i + 1)), op.store);
    code.unless(() => answer(i));
    place += length;
  }
  code.add(answer(calls.length));
  return `0x${code.text}`;
}
