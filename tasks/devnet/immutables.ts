import { toBeHex } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { artifactOf, type ArtifactName } from "../../modules/artifacts.ts";

/** What stands for good in a contract's code. */
export interface Immutable {
  readonly address: string;
  readonly artifact: ArtifactName;
  /** What it is: no other immutable of the contract may be the same. */
  readonly value: bigint;
}

/** Gives the one immutable of a value another one, in the code of a contract on a local chain. No other chain can do this. */
export async function replaceImmutable(
  connection: NetworkConnection,
  { address, artifact, value }: Immutable,
  replacement: bigint,
): Promise<void> {
  const { immutableReferences = {} } = artifactOf(artifact);
  const code = Buffer.from((await connection.ethers.provider.getCode(address)).slice(2), "hex");
  const word = Buffer.from(toBeHex(value, 32).slice(2), "hex");
  const found = Object.values(immutableReferences).filter(([place]) =>
    word.equals(code.subarray(place?.start ?? 0, (place?.start ?? 0) + 32)),
  );
  const [places = []] = found;
  if (found.length !== 1) throw new Error(`${artifact} has ${String(found.length)} immutables of ${String(value)}`);
  for (const { start } of places) code.write(toBeHex(replacement, 32).slice(2), start, "hex");
  await connection.provider.request({ method: "hardhat_setCode", params: [address, `0x${code.toString("hex")}`] });
}
