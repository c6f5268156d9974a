import { expect } from "chai";
import { ZeroAddress, type FunctionFragment, type Interface, type ParamType } from "ethers";

import {
  ADMIN_ROLE,
  governedFunctions,
  GOVERNOR_ROLE,
  GUARDIAN_ROLE,
  pausable,
  pauseFunctions,
} from "../../../modules/governance.ts";
import type { ContractName } from "../../../src/deployments.ts";
import { decodeError, revertDataOf } from "../../../src/errors.ts";
import {
  artifacts,
  deployUnusual,
  unusualParameters,
  type UnusualDeployment,
} from "../../fixtures/platform/unusualDeployment.ts";

/** The error that a call gives, by name. */
async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "none";
  } catch (error) {
    const data = revertDataOf(error);
    return data === undefined ? String(error) : decodeError(data).name;
  }
}

/** The zero of a type, for calls that are refused before they look at their arguments. */
function zeroOf({ baseType, type, components }: ParamType): unknown {
  if (baseType === "array") return [];
  if (baseType === "tuple") return (components ?? []).map(zeroOf);
  if (type === "address") return ZeroAddress;
  if (type === "bool") return false;
  if (type === "string") return "";
  if (type === "bytes") return "0x";
  return type.startsWith("bytes") ? `0x${"00".repeat(Number(type.slice(5)))}` : 0n;
}

/** The functions of a contract that change something, but for `setAuthority`, which the authority alone calls. */
function mutationsOf(coder: Interface): FunctionFragment[] {
  const functions = coder.fragments.filter((each) => each.type === "function").map((each) => each.format());
  return functions
    .map((signature) => coder.getFunction(signature))
    .filter((each) => each !== null)
    .filter(({ constant, name }) => !constant && name !== "setAuthority");
}

/** The selectors that the deployment's module gives the governor and the guardian to call. */
function listedOf(name: ContractName): { governed: readonly string[]; pauses: readonly string[] } {
  const governed = name in governedFunctions ? governedFunctions[name as keyof typeof governedFunctions] : [];
  return { governed, pauses: (pausable as readonly string[]).includes(name) ? pauseFunctions : [] };
}

describe("governance of a deployment", () => {
  let connection: UnusualDeployment["connection"];
  let book: UnusualDeployment["book"];
  let protocol: UnusualDeployment["protocol"];
  let deployer: UnusualDeployment["deployer"];
  let governor: UnusualDeployment["governor"];
  let guardian: UnusualDeployment["guardian"];

  before(async () => {
    ({ connection, book, protocol, deployer, governor, guardian } = await deployUnusual());
  });
  after(async () => connection.close());

  it("leaves the deployer no role, and gives the others theirs with their delays", async () => {
    const roles = [ADMIN_ROLE, GOVERNOR_ROLE, GUARDIAN_ROLE];
    const held = async (account: string) =>
      Promise.all(
        roles.map(async (role) => {
          const [isMember, delay] = await protocol.governance.hasRole(role, account);
          return isMember ? delay : undefined;
        }),
      );
    expect(await held(deployer)).to.deep.equal([undefined, undefined, undefined]);
    expect(await held(governor)).to.deep.equal([100_000n, 100_000n, undefined]);
    expect(await held(guardian)).to.deep.equal([undefined, undefined, 0n]);
    expect(await protocol.governance.getRoleGuardian(GOVERNOR_ROLE)).to.equal(GUARDIAN_ROLE);
  });

  it("governs every restricted function of every contract, and lists no other", async () => {
    const stranger = (await connection.ethers.getSigners())[9]!;
    const isRestricted = async (name: ContractName, call: FunctionFragment): Promise<boolean> => {
      const coder: Interface = protocol[name].interface;
      const data = coder.encodeFunctionData(call, call.inputs.map(zeroOf));
      const tried = stranger.call({ to: book.contracts[name], data });
      return (await errorOf(tried)) === "AccessManagedUnauthorized";
    };
    for (const name of Object.keys(artifacts) as ContractName[]) {
      const restricted: string[] = [];
      for (const call of name === "governance" ? [] : mutationsOf(protocol[name].interface)) {
        if (await isRestricted(name, call)) restricted.push(call.selector);
      }
      const { governed, pauses } = listedOf(name);
      expect(restricted.sort(), name).to.deep.equal([...governed, ...pauses].sort());
      for (const selector of restricted) {
        const role = pauses.includes(selector) ? GUARDIAN_ROLE : GOVERNOR_ROLE;
        expect(await protocol.governance.getTargetFunctionRole(book.contracts[name], selector), name).to.equal(role);
      }
    }
  });

  it("lets the governor act only after the delay, and the guardian cancel meanwhile", async () => {
    const signers = await connection.ethers.getSigners();
    const { governance, orderEscrow } = protocol;
    const asGovernor = governance.connect(signers[1]);
    const data = orderEscrow.interface.encodeFunctionData("setFee", [77]);
    const target = book.contracts.orderEscrow;
    expect(await errorOf(orderEscrow.connect(signers[1]).setFee.staticCall(77))).to.equal("AccessManagerNotScheduled");
    await asGovernor.schedule(target, data, 0);
    expect(await errorOf(asGovernor.execute.staticCall(target, data))).to.equal("AccessManagerNotReady");
    await governance.connect(signers[2]).cancel(governor, target, data);
    await asGovernor.schedule(target, data, 0);
    await connection.provider.request({ method: "evm_increaseTime", params: [unusualParameters.governanceDelay] });
    await asGovernor.execute(target, data);
    expect(await orderEscrow.feeBps()).to.equal(77n);
  });

  it("lets the guardian alone pause, at once", async () => {
    const signers = await connection.ethers.getSigners();
    for (const name of pausable) {
      const contract = protocol[name];
      expect(await errorOf(contract.connect(signers[1]).setPaused.staticCall(true))).to.equal(
        "AccessManagedUnauthorized",
      );
      await contract.connect(signers[2]).setPaused(true);
    }
    expect(await protocol.orderEscrow.paused()).to.equal(true);
    expect((await protocol.nodeRegistry.policy()).paused).to.equal(true);
  });
});
