import { runModule, type Deployed } from "./ignition.ts";
import { firstBlock, prepareJournal } from "./journal.ts";
import { planDeployment, type Plan } from "./plan.ts";
import { nameOf, type DeploymentRequest, type Step } from "./request.ts";
import { protocolModule } from "../../../modules/Protocol.ts";
import type { AddressBook } from "../../../src/deployments.ts";
import { readToken } from "../../../src/token.ts";

/**
 * Deploys the platform through its one Ignition module, or goes on with a deployment that was cut off.
 *
 * @param tell Is told of each transaction as soon as it is sent.
 * @throws {DeploymentError} When something is missing, or a real network would get what only others may have.
 * @throws {Refusal} When a contract refuses a parameter.
 */
export async function deployPlatform(
  request: DeploymentRequest,
  tell: (step: Step) => void = () => undefined,
): Promise<AddressBook> {
  return carryOut(request, await planDeployment(request), tell);
}

/** Does what was planned; else as {@link deployPlatform}. */
export async function carryOut(
  request: DeploymentRequest,
  plan: Plan,
  tell: (step: Step) => void,
): Promise<AddressBook> {
  await prepareJournal(request, plan.chainId);
  const { addresses, hashes } = await runPlan(request, plan, tell);
  const contracts: AddressBook["contracts"] = addresses;
  return {
    network: nameOf(request),
    chainId: Number(plan.chainId),
    fromBlock: await firstBlock(request, hashes),
    contracts,
    tokenDecimals: (await readToken(contracts.token, request.connection.ethers.provider)).decimals,
  };
}

/** Deploys what was planned, and the token with it where one is made. */
export async function runPlan(
  request: DeploymentRequest,
  { values, lists }: Plan,
  tell: (step: Step) => void,
): Promise<Deployed> {
  const { deployer } = request;
  const parameters = { Protocol: { ...values, deployer }, LocalAssets: { holder: deployer } };
  return runModule(request, protocolModule(lists), parameters, tell);
}
