import type { World } from "./world.ts";
import { domainOf } from "../../src/eip712/index.ts";
import { enumNumber } from "../../src/enums.ts";
import { signVerdictOnce } from "../../src/journal/index.ts";

/** The validators' signatures over a verdict on a task's result, by ascending address as the contract takes them. */
export async function verdictsOn(
  { protocol, chainId, book, people, journal }: World,
  taskId: bigint,
  verdict: "Valid" | "Invalid",
): Promise<{ validator: string; signature: string }[]> {
  const { taskEscrow } = protocol;
  const [{ resultHash, vouchedAttestation, verdictBy }, termsHash] = await Promise.all([
    taskEscrow.getTask(taskId),
    taskEscrow.fixedTermsHashOf(taskId),
  ]);
  const message = {
    ...{ taskId, termsHash, resultHash, vouchedAttestation, deadline: verdictBy },
    verdict: enumNumber("TaskStatus", verdict),
  };
  const domain = domainOf("TaskEscrow", chainId, book.contracts.taskEscrow);
  const ordered = [...people.validators].sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const signatures = [];
  for (const validator of ordered) {
    signatures.push({
      validator: validator.address,
      signature: await signVerdictOnce(journal, validator, domain, message),
    });
  }
  return signatures;
}
