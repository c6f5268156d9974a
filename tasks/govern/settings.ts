import type { Call, Given, Operation } from "./operation.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseAddress, parseNumber } from "../support/inputs.ts";
import { formatAmount, parseAmount } from "../../src/amounts.ts";
import { enumName, enumNumber, type EnumValue } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";

/** Basis points in words. */
export function tellBps(bps: bigint): string {
  return `${(Number(bps) / 100).toString()} %`;
}

const setFee: Operation = {
  contract: "orderEscrow",
  method: "setFee(uint16)",
  title: "Change the protocol fee of new orders",
  changes: async ({ protocol }, values) => {
    const [bps] = values as unknown as [bigint];
    return [{ what: "protocol fee", from: tellBps(await protocol.orderEscrow.feeBps()), to: tellBps(bps) }];
  },
};

const setFloor: Operation = {
  contract: "collateralStore",
  method: "setEvaluationFloor(uint16)",
  title: "Change the least tcbEvaluationDataNumber that counts",
  changes: async ({ protocol }, values) => {
    const [floor] = values as unknown as [bigint];
    const from = (await protocol.collateralStore.evaluationFloor()).toString();
    return [{ what: "evaluation floor", from, to: floor.toString() }];
  },
};

const setValidatorStake: Operation = {
  contract: "validatorSet",
  method: "setMinimumStake(uint128)",
  title: "Change the least stake of a validator",
  changes: async ({ protocol, token }, values) => {
    const [stake] = values as unknown as [bigint];
    const tell = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
    const from = tell(await protocol.validatorSet.minimumStake());
    return [{ what: "stake of a validator", from, to: tell(stake) }];
  },
};

const setVerifier: Operation = {
  contract: "nodeRegistry",
  method: "setVerifier(address,uint8)",
  title: "List or delist a verifier of quotes",
  changes: async ({ protocol }, values) => {
    const [verifier, kind] = values as unknown as [string, bigint];
    const from = enumName("VerifierKind", await protocol.nodeRegistry.verifierKindOf(verifier));
    return [{ what: `verifier ${verifier}`, from, to: enumName("VerifierKind", kind) }];
  },
};

export const settingOperations = [setFee, setFloor, setValidatorStake, setVerifier];

const KINDS: Readonly<Record<string, EnumValue<"VerifierKind">>> = {
  "on-chain": "OnChain",
  quorum: "Quorum",
  none: "None",
};

function parseKind(text: string): number {
  const kind = KINDS[text];
  if (kind !== undefined) return enumNumber("VerifierKind", kind);
  throw new InputError(`"${text}" is not a kind of verifier`, "Give on-chain, quorum, or none to delist it.");
}

/** What the commands for a single value ask for. */
export const settingCommands = {
  fee: ({ bps = "" }: Given): Call[] => [
    { operation: setFee, values: [parseNumber(bps, "fee in basis points", 1000n)] },
  ],
  floor: ({ number = "" }: Given): Call[] => [
    { operation: setFloor, values: [parseNumber(number, "tcbEvaluationDataNumber", 65_535n, 1n)] },
  ],
  verifier: ({ address = "", kind = "" }: Given): Call[] => [
    { operation: setVerifier, values: [parseAddress(address), parseKind(kind)] },
  ],
  "validator-stake": ({ amount = "" }: Given, { token }: PlatformContext): Call[] => [
    { operation: setValidatorStake, values: [parseAmount(amount, token.decimals)] },
  ],
};
