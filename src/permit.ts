import { Contract, MaxUint256, Signature, TypedDataEncoder, type ContractRunner, type Signer, type TypedDataDomain } from "ethers";

import { permitTypes } from "./eip712.ts";
import type { PermitStruct } from "../types/ethers-contracts/OrderEscrow.ts";

const TOKEN_ABI = [
  "function name() view returns (string)",
  "function nonces(address) view returns (uint256)",
  "function DOMAIN_SEPARATOR() view returns (bytes32)",
  "function version() view returns (string)",
  "function eip712Domain() view returns (bytes1,string,string,uint256,address,bytes32,uint256[])",
];

async function tryCall<T>(contract: Contract, method: string, ...args: unknown[]): Promise<T | undefined> {
  try {
    return (await contract.getFunction(method).staticCall(...args)) as T;
  } catch {
    return undefined;
  }
}

/**
 * The EIP-712 domain under which a token takes ERC-2612 permits: by ERC-5267 where the token tells, else its name with the
 * version it tells or 1.
 *
 * @returns Nothing for a token without permits, or whose domain is neither, judged by its `DOMAIN_SEPARATOR`.
 */
export async function permitDomainOf(
  token: string,
  chainId: bigint,
  runner: ContractRunner,
): Promise<TypedDataDomain | undefined> {
  const contract = new Contract(token, TOKEN_ABI, runner);
  const separator = await tryCall<string>(contract, "DOMAIN_SEPARATOR");
  if (separator === undefined) return undefined;
  const told = await tryCall<[string, string, string]>(contract, "eip712Domain");
  const name = told?.[1] ?? (await tryCall<string>(contract, "name")) ?? "";
  const versions = told === undefined ? [await tryCall<string>(contract, "version"), "1"] : [told[2]];
  return versions
    .filter((version) => version !== undefined)
    .map((version) => ({ name, version, chainId, verifyingContract: token }))
    .find((domain) => TypedDataEncoder.hashDomain(domain) === separator);
}

/**
 * Signs an ERC-2612 permit.
 *
 * @param domain As {@link permitDomainOf} gives it.
 * @param deadline Unix seconds; never unless said otherwise.
 */
export async function signPermit(
  owner: Signer,
  domain: TypedDataDomain,
  spender: string,
  value: bigint,
  deadline: bigint = MaxUint256,
): Promise<PermitStruct> {
  const account = await owner.getAddress();
  const contract = new Contract(String(domain.verifyingContract), TOKEN_ABI, owner);
  const nonce = (await contract.getFunction("nonces").staticCall(account)) as bigint;
  const message = { owner: account, spender, value, nonce, deadline };
  const { v, r, s } = Signature.from(await owner.signTypedData(domain, permitTypes, message));
  return { deadline, v, r, s };
}
