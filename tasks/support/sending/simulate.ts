import { AbiCoder, Interface, keccak256, toBeHex } from "ethers";
import type { EthereumProvider } from "hardhat/types/providers";

import type { Call } from "./bytecode.ts";
import { revertDataOf } from "../../../src/errors.ts";

/** A token allowance that a simulated call may take for granted, because a permit or approval will have made it. */
export interface Allowance {
  readonly token: string;
  readonly owner: string;
  readonly spender: string;
}

/** What a simulated call would do. `gas` is missing where the node cannot estimate it before the allowance is there. */
export type Simulation =
  | { readonly kind: "done"; readonly gas?: bigint }
  | { readonly kind: "reverted"; readonly data: string }
  /** The node cannot simulate the call before the allowance is there. */
  | { readonly kind: "unknown" };

type Overrides = Readonly<Record<string, { readonly stateDiff: Readonly<Record<string, string>> }>>;

const erc20 = new Interface(["function allowance(address owner, address spender) view returns (uint256)"]);
const PLENTY = toBeHex(2n ** 128n - 1n, 32);
/** Where allowances of known tokens lie: in one of the first slots, or at OpenZeppelin's ERC-7201 place, field 1. */
const BASES = [
  ...Array.from({ length: 32 }, (_, i) => toBeHex(i, 32)),
  "0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace01",
];

const hashOf = (types: readonly string[], values: readonly string[]): string =>
  keccak256(AbiCoder.defaultAbiCoder().encode(types, values));

/** The storage slots in which a token may keep an allowance: Solidity's nesting of mappings, then Vyper's. */
function* candidateSlots({ owner, spender }: Allowance): Generator<string> {
  for (const base of BASES) {
    yield hashOf(["address", "bytes32"], [spender, hashOf(["address", "bytes32"], [owner, base])]);
    yield hashOf(["bytes32", "address"], [hashOf(["bytes32", "address"], [base, owner]), spender]);
  }
}

/** Tries calls on a node, with what they may take for granted, and changes nothing. */
export class Simulator {
  readonly #provider: EthereumProvider;

  constructor(provider: EthereumProvider) {
    this.#provider = provider;
  }

  /** Tries a transaction as if the allowance were there. */
  async simulate(from: string, { to, data }: Omit<Call, "value">, allowance: Allowance): Promise<Simulation> {
    const overrides = await this.#grant(allowance);
    return overrides === undefined ? { kind: "unknown" } : this.#overridden({ from, to, data }, overrides);
  }

  async #overridden(call: object, overrides: Overrides): Promise<Simulation> {
    try {
      await this.#request("eth_call", [call, "latest", overrides]);
    } catch (error) {
      const data = revertDataOf(error);
      if (data === undefined) throw error;
      return { kind: "reverted", data };
    }
    const gas = await this.#estimate(call, overrides).catch(() => this.#leastGas(call, overrides));
    return gas === undefined ? { kind: "done" } : { kind: "done", gas };
  }

  async #estimate(call: object, overrides: Overrides): Promise<bigint> {
    return BigInt(await this.#request("eth_estimateGas", [call, "latest", overrides]));
  }

  /** Where a node estimates no gas under overrides: the least gas with which the call still succeeds, to about one per cent. */
  async #leastGas(call: object, overrides: Overrides): Promise<bigint | undefined> {
    const succeeds = async (gas: bigint): Promise<boolean> =>
      this.#request("eth_call", [{ ...call, gas: `0x${gas.toString(16)}` }, "latest", overrides]).then(
        () => true,
        () => false,
      );
    let [low, high] = [21_000n, 8_000_000n];
    if (!(await succeeds(high))) return undefined;
    while (high - low > high / 100n) {
      const middle = (low + high) / 2n;
      if (await succeeds(middle)) high = middle;
      else low = middle;
    }
    return high;
  }

  /** Overrides under which the token's allowance is plenty, found by trying; nothing where the node or token has no such. */
  async #grant(allowance: Allowance): Promise<Overrides | undefined> {
    const { token, owner, spender } = allowance;
    const call = { to: token, data: erc20.encodeFunctionData("allowance", [owner, spender]) };
    for (const slot of candidateSlots(allowance)) {
      const overrides = { [token]: { stateDiff: { [slot]: PLENTY } } };
      try {
        if ((await this.#request("eth_call", [call, "latest", overrides])) === PLENTY) return overrides;
      } catch {
        return undefined;
      }
    }
    return undefined;
  }

  async #request(method: string, params: unknown[]): Promise<string> {
    return (await this.#provider.request({ method, params })) as string;
  }
}
