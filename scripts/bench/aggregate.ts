/**
 * What a verdict costs by the number of validators that sign it, and what it would cost with one aggregated BLS12-381 signature in place of
 * theirs. Prints a table; docs/tasks.md says what follows from it. Run by hand: `npm run bench:aggregate`.
 *
 * Verdicts are measured on the contracts. The aggregate is a floor: the precompiles as this chain charges them, checked on a signature that
 * holds and on one that does not, and the cold slots and calldata that go with them. There is no code around them.
 */
import { concat, dataSlice, toBeHex, type BytesLike } from "ethers";

import { deployTaskPlatform, type TaskPlatform } from "../../test/fixtures/tasks/taskPlatform.ts";
import { verdictOf } from "./tasks.ts";

const SIGNERS = [5, 11, 21, 32] as const;

const COLD_SLOT = 2_100;
const [WORD, CALLDATA_BYTE] = [32, 16];

/** Addresses of the precompiles, of EIP-2537 from `G1_ADD` on. */
const [SHA256, MODEXP, G1_ADD, G1_TIMES, G2_ADD, G2_TIMES, PAIRINGS, TO_G1, TO_G2] = [
  0x02, 0x05, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11,
];

const PRIME = 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;
/** The generators of both groups, by their coordinates. */
const G1 = [
  0x17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bbn,
  0x08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1n,
];
const G2 = [
  0x024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8n,
  0x13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7en,
  0x0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801n,
  0x0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79ben,
];

/** A point as EIP-2537 writes it. */
const point = (coordinates: readonly bigint[]): string => concat(coordinates.map((value) => toBeHex(value, 64)));
const zeros = (length: number): string => `0x${"00".repeat(length)}`;

/**
 * Calls the precompile that the first word of calldata names, with the rest. Answers the gas of that call in a word, whether it succeeded in
 * a word, and what it returned.
 */
const PROBE = "0x602036038060205f375a5f5f835f5f355afa5a9190602052035f523d5f60403e3d6040015ff3";

/** A precompile's answer and what it took. */
interface Answer {
  readonly gas: number;
  readonly output: string;
}

/** Gives a function that asks the precompiles of a deployment's chain. */
async function createProbe({ connection: { ethers } }: TaskPlatform) {
  const to = toBeHex(0x1000, 20);
  await ethers.provider.send("hardhat_setCode", [to, PROBE]);
  return async (precompile: number | undefined, ...input: BytesLike[]): Promise<Answer> => {
    const answer = await ethers.provider.call({ to, data: concat([toBeHex(precompile ?? 0, WORD), ...input]) });
    if (BigInt(dataSlice(answer, WORD, 2 * WORD)) !== 1n) throw new Error(`precompile ${String(precompile)} failed`);
    return { gas: Number(dataSlice(answer, 0, WORD)), output: dataSlice(answer, 2 * WORD) };
  };
}

type Probe = Awaited<ReturnType<typeof createProbe>>;

/** Which of the two groups public keys are in; signatures are in the other. */
interface Scheme {
  readonly name: string;
  readonly key: readonly bigint[];
  readonly times: { readonly key: number | undefined; readonly signature: number | undefined };
  readonly add: { readonly key: number | undefined; readonly signature: number | undefined };
  readonly toCurve: number | undefined;
  /** How many elements of the prime field one of the curve's coordinates has. */
  readonly degree: number;
  /** What a key takes in storage without the zeros before its coordinates, and a signature in calldata. */
  readonly keySlots: number;
  readonly signatureBytes: number;
}

const schemes: readonly Scheme[] = [
  {
    name: "keys in G1",
    key: G1,
    times: { key: G1_TIMES, signature: G2_TIMES },
    add: { key: G1_ADD, signature: G2_ADD },
    toCurve: TO_G2,
    degree: 2,
    keySlots: 3,
    signatureBytes: 192,
  },
  {
    name: "keys in G2",
    key: G2,
    times: { key: G2_TIMES, signature: G1_TIMES },
    add: { key: G2_ADD, signature: G1_ADD },
    toCurve: TO_G1,
    degree: 1,
    keySlots: 6,
    signatureBytes: 96,
  },
];

/** The least gas of an aggregate: whoever signs, and for each key that is added to a sum or taken off it. */
async function aggregateOf(ask: Probe, scheme: Scheme): Promise<{ readonly fixed: number; readonly key: number }> {
  // A message's hash to two elements of the curve's field, each by so many elements of the prime field, of 64 bytes before reduction.
  const elements = 2 * scheme.degree;
  const [first, next] = [await ask(SHA256, zeros(160)), await ask(SHA256, zeros(77))];
  const lengths = [64n, 1n, 48n].map((length) => toBeHex(length, WORD));
  const reduced = await ask(MODEXP, ...lengths, zeros(64), "0x01", toBeHex(PRIME, 48));
  const hashed = first.gas + 2 * elements * next.gas + elements * reduced.gas;
  const [one, two] = [1n, 2n].map((start) => point(Array.from({ length: scheme.degree }, (_, i) => start + BigInt(i))));
  const [mapped, other] = [await ask(scheme.toCurve, one ?? ""), await ask(scheme.toCurve, two ?? "")];
  const message = await ask(scheme.add.signature, mapped.output, other.output);

  // Two validators' signatures, of the secrets 3 and 4, together.
  const generator = point(scheme.key);
  const [keys, signature] = [
    await Promise.all([3n, 4n].map(async (secret) => ask(scheme.times.key, generator, toBeHex(secret, WORD)))),
    await ask(scheme.times.signature, message.output, toBeHex(7n, WORD)),
  ];
  const sum = await ask(scheme.add.key, ...keys.map(({ output }) => output));
  const negated = point(scheme.key.map((value, i) => (i < scheme.key.length / 2 ? value : PRIME - value)));
  const pair = (key: string, value: string): string => concat(scheme.degree === 2 ? [key, value] : [value, key]);
  const check = async (key: string): Promise<Answer> =>
    ask(PAIRINGS, pair(negated, signature.output), pair(key, message.output));
  const [good, bad] = [await check(sum.output), await check(generator)];
  if (BigInt(good.output) !== 1n || BigInt(bad.output) !== 0n) throw new Error("the pairings judge wrongly");

  return {
    fixed: hashed + mapped.gas + other.gas + message.gas + good.gas + scheme.signatureBytes * CALLDATA_BYTE,
    key: sum.gas + scheme.keySlots * COLD_SLOT,
  };
}

/**
 * What a signer costs by the protocol's own prices, however its signature is checked: its seat's slot and its address in calldata; its ledger and
 * two words of an event.
 */
const SEAT = COLD_SLOT + 20 * CALLDATA_BYTE + 12 * 4;
const LEDGER = COLD_SLOT + 2_900 + 2 * WORD * 8;

const verdicts = new Map<number, number>();
for (const signers of SIGNERS) verdicts.set(signers, await verdictOf(signers));
const [fewest, most] = [Math.min(...SIGNERS), Math.max(...SIGNERS)];
const slope = ((verdicts.get(most) ?? 0) - (verdicts.get(fewest) ?? 0)) / (most - fewest);
/** All the rest counts as the signature's, so that no more than this could be saved. */
const signature = slope - SEAT - LEDGER;
console.log(
  `Each signer costs ${slope.toFixed(0)}: its seat ${String(SEAT)}, its ledger ${String(LEDGER)}, its signature ${signature.toFixed(0)}.`,
);

const deployed = await deployTaskPlatform();
const ask = await createProbe(deployed);
const aggregates = await Promise.all(
  schemes.map(async (scheme) => ({ ...scheme, ...(await aggregateOf(ask, scheme)) })),
);
await deployed.connection.close();
for (const { name, fixed, key } of aggregates) {
  console.log(`An aggregate with ${name} costs at least ${String(fixed)}, and ${String(key)} for each key.`);
}

/** The sum of all keys is kept, and the keys of those who did not sign are taken off it. */
const rows = SIGNERS.flatMap((seats) =>
  [seats, Math.ceil((2 * seats) / 3)].map((signers) => ({
    seats,
    signers,
    verdict: signers === seats ? verdicts.get(seats) : undefined,
    signatures: Math.round(signers * signature),
    ...Object.fromEntries(
      aggregates.map(({ name, fixed, key, keySlots }) => [
        name,
        fixed + keySlots * COLD_SLOT + (seats - signers) * key,
      ]),
    ),
  })),
);
console.table(rows);
