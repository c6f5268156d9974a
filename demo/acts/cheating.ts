import type { Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { mustEqual, Unmet } from "../unmet.ts";
import type { World } from "../world.ts";
import type { NodeMachine } from "./attesting.ts";
import type { FoundAnswer } from "./challenging.ts";
import type { DecodedError } from "../../src/errors.ts";
import { NONCE_BYTES, proofPrefix, signAnswer, verifyNonces, type AnswerContent } from "../../src/pow/index.ts";

/** Something that the chain refused. */
export interface Refused {
  readonly what: string;
  readonly error: DecodedError;
}

const CORRUPTED = 64;

/** The contract's names of what our own verifier finds. */
const NAMES = {
  WRONG_LENGTH: "ChallengeManagerInvalidLength",
  NOT_INCREASING: "ChallengeManagerNotIncreasing",
  ABOVE_TARGET: "ChallengeManagerAboveTarget",
} as const;

/** The error that the contract must give for nonces that our own verifier refuses. */
function nameOfRefusal(content: AnswerContent, target: bigint): string {
  const verdict = verifyNonces({ prefix: proofPrefix(content), target, nonces: content.nonces });
  if (verdict.valid) throw new Unmet("The verifier takes nonces that were never searched for");
  return NAMES[verdict.reason.code];
}

/** Tries to pass off answers that nobody worked for. Each must be refused, and the epoch stay unproven. */
export async function tryCheating(
  world: World,
  { node, copy, answer }: { node: NodeMachine; copy: NodeMachine; answer: FoundAnswer },
  { say, tell }: Narrator,
): Promise<Refused[]> {
  const { protocol, sender } = world;
  const { challengeManager } = protocol;
  const refused: Refused[] = [];
  const attempt = async (
    what: string,
    by: Actor,
    content: AnswerContent,
    signature: string,
    expected: string,
  ): Promise<void> => {
    tell(what);
    const tx = challengeManager.prove.populateTransaction(content.nodeId, content.nonces, signature);
    const error = await sender.sendRefused(what, by, tx, expected);
    refused.push({ what, error });
    say(`- ${what}: refused, ${error.name}`);
    const proven = await challengeManager.isProven(content.nodeId, content.epoch);
    mustEqual(`Whether node ${content.nodeId.toString()} has proven the epoch`, proven, false);
  };

  const nonces = answer.content.nonces.slice();
  nonces[CORRUPTED * NONCE_BYTES - 1] = (nonces[CORRUPTED * NONCE_BYTES - 1] ?? 0) ^ 1;
  const corrupted = { ...answer.content, nonces };
  const signed = await signAnswer(node.enclave, corrupted);
  await attempt(
    `one bit of nonce ${String(CORRUPTED)} flipped`,
    node.owner,
    corrupted,
    signed,
    nameOfRefusal(corrupted, answer.target),
  );

  const [original, other] = [node.nodeId.toString(), copy.nodeId.toString()];
  const copied = { ...answer.content, nodeId: copy.nodeId, enclaveKey: copy.enclave.address };
  const copySigned = await signAnswer(copy.enclave, copied);
  await attempt(
    `node ${original}'s answer handed in as node ${other}'s`,
    copy.owner,
    copied,
    copySigned,
    nameOfRefusal(copied, answer.target),
  );

  const stolen = await signAnswer(copy.enclave, answer.content);
  const what = `node ${original}'s answer signed by node ${other}'s enclave`;
  await attempt(what, copy.owner, answer.content, stolen, "ChallengeManagerInvalidSignature");
  return refused;
}
