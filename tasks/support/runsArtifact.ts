import type { Provider } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

/**
 * Whether a contract is the one that an artifact of ours describes: the same bytecode but for the values of immutables.
 *
 * @returns False where the artifact is not there.
 */
export async function runsArtifact(
  hre: HardhatRuntimeEnvironment,
  provider: Provider,
  address: string,
  artifactName: string,
): Promise<boolean> {
  if (!(await hre.artifacts.artifactExists(artifactName))) return false;
  const artifact = await hre.artifacts.readArtifact(artifactName);
  const places = Object.values(artifact.immutableReferences ?? {}).flat();
  const masked = (code: string): string => {
    const bytes = Buffer.from(code.slice(2), "hex");
    for (const { start, length } of places) bytes.fill(0, start, start + length);
    return bytes.toString("hex");
  };
  const code = await provider.getCode(address);
  return code.length === artifact.deployedBytecode.length && masked(code) === masked(artifact.deployedBytecode);
}
