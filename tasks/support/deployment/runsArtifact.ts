import type { Provider } from "ethers";
import type { Artifact } from "hardhat/types/artifacts";

/**
 * Whether a contract is the one that an artifact of ours describes: the same bytecode but for the values of immutables. The code may
 * be anybody's, and of any length.
 */
export async function runsArtifact(
  provider: Provider,
  address: string,
  { deployedBytecode, immutableReferences = {} }: Pick<Artifact, "deployedBytecode" | "immutableReferences">,
): Promise<boolean> {
  const code = await provider.getCode(address);
  if (code.length !== deployedBytecode.length) return false;
  const places = Object.values(immutableReferences).flat();
  const masked = (hex: string): string => {
    const bytes = Buffer.from(hex.slice(2), "hex");
    for (const { start, length } of places) bytes.fill(0, start, start + length);
    return bytes.toString("hex");
  };
  return masked(code) === masked(deployedBytecode);
}
