import { Wallet } from "ethers";

import { LOCAL_CHAIN_ID } from "../support/context.ts";
import { checkOneEnclave, withEnclaveAt } from "../support/enclaveSocket.ts";
import { readDocument } from "../support/inputs.ts";
import type { AnswerTerms } from "../../src/enclave/client.ts";
import { enclaveKeyDocument } from "../../src/enclave/keyFile.ts";
import { InputError } from "../../src/inputError.ts";
import { signAnswer } from "../../src/pow/index.ts";

/** Where the key of a node's enclave is. */
export interface SigningArguments {
  readonly key: string | undefined;
  readonly enclave: string | undefined;
}

/** The node whose answer is to be signed. */
interface SigningNode {
  readonly chainId: bigint;
  readonly id: bigint;
  /** As the chain has it. */
  readonly enclaveKey: string;
}

/** Signs an answer with a node's enclave key. */
export type SignAnswer = (answer: AnswerTerms) => Promise<string>;

function requireKey(found: string, { id, enclaveKey }: SigningNode, where: string, remedy: string): void {
  if (found === enclaveKey) return;
  throw new InputError(
    `${where} has the enclave key ${found}, but that of node ${id.toString()} is ${enclaveKey}`,
    remedy,
  );
}

/**
 * Finds what signs a node's answers, and checks that it has the node's key before anybody searches: the enclave program at a socket, or on
 * a local chain a file with the key.
 *
 * @throws {InputError} For another key, and for a key in a file on any other chain.
 * @throws {EnclaveError} When the program does not answer.
 */
export async function signerOf({ key, enclave }: SigningArguments, node: SigningNode): Promise<SignAnswer> {
  checkOneEnclave(enclave, { key });
  return enclave === undefined ? signerOfFile(key, node) : signerAt(enclave, node);
}

async function signerAt(socket: string, node: SigningNode): Promise<SignAnswer> {
  const remedy = "Name the socket of the node's own enclave program with --enclave.";
  await withEnclaveAt(socket, {}, async ({ identity }) => {
    requireKey(identity.enclaveKey, node, `The program at "${socket}"`, remedy);
    return Promise.resolve();
  });
  // A search takes minutes, in which the program may have been started again.
  return async (answer) => withEnclaveAt(socket, {}, async (client) => client.signAnswer(answer));
}

function signerOfFile(key: string | undefined, node: SigningNode): SignAnswer {
  if (node.chainId !== LOCAL_CHAIN_ID) {
    const problem = `A key in a file signs answers on local chains only, and this is chain ${node.chainId.toString()}`;
    const remedy =
      "Have the node's enclave program sign: name its socket with --enclave. `computing-power enclave --believe-host --socket PATH` runs the sample program.";
    throw new InputError(problem, remedy);
  }
  const file = key ?? `node-${node.id.toString()}.enclave.json`;
  const wallet = new Wallet(readDocument(file, enclaveKeyDocument, "an enclave key").privateKey);
  const remedy = `Give the file of the node's enclave key ${node.enclaveKey} with --key.`;
  requireKey(wallet.address, node, `"${file}"`, remedy);
  return async (answer) => signAnswer(wallet, { ...answer, enclaveKey: wallet.address });
}
