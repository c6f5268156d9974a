import {
  computeAddress,
  Contract,
  hexlify,
  isError,
  MaxUint256,
  randomBytes,
  Signature,
  SigningKey,
  TypedDataEncoder,
  type ContractRunner,
  type Signer,
  type TypedDataDomain,
} from "ethers";

import type { PermitStruct } from "../bindings.ts";
import { isRevert } from "../revertData.ts";
import type { TypedData } from "./domain.ts";

/** An ERC-2612 permit, in the token's own domain. */
export const permitTypes: TypedData<"Permit"> = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

const TOKEN_ABI = [
  "function name() view returns (string)",
  "function nonces(address) view returns (uint256)",
  "function DOMAIN_SEPARATOR() view returns (bytes32)",
  "function version() view returns (string)",
  "function eip712Domain() view returns (bytes1,string,string,uint256,address,bytes32,uint256[])",
  "function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)",
];

/** Tries a call; nothing where the contract refuses it, or answers something else. */
async function tryCall<T>(contract: Contract, method: string, ...args: unknown[]): Promise<T | undefined> {
  try {
    return (await contract.getFunction(method).staticCall(...args)) as T;
  } catch (error) {
    if (isError(error, "BAD_DATA") || isRevert(error)) return undefined;
    throw error;
  }
}

/**
 * Whether a token takes ERC-2612 permits in a domain, found by trying: it takes one of an account that nobody has used, and refuses
 * the same for another amount. A domain alone says nothing: Dai has one and other permits.
 */
async function takesPermits(contract: Contract, domain: TypedDataDomain): Promise<boolean> {
  const key = new SigningKey(hexlify(randomBytes(32)));
  const owner = computeAddress(key.publicKey);
  const spender = String(domain.verifyingContract);
  const message = { owner, spender, value: 1n, nonce: 0n, deadline: MaxUint256 };
  const { v, r, s } = key.sign(TypedDataEncoder.hash(domain, permitTypes, message));
  const [signed, altered] = await Promise.all(
    [1n, 2n].map((value) => tryCall(contract, "permit", owner, spender, value, MaxUint256, v, r, s)),
  );
  return signed !== undefined && altered === undefined;
}

/**
 * The EIP-712 domain under which a token takes ERC-2612 permits. A token with ERC-5267 states it; for any other one the
 * domain is made of the token's name, and its `version()` or else "1". That it takes them is tried, by calls that change nothing.
 *
 * @param token The token's address.
 * @param runner What the token is read with.
 * @returns Nothing for a token without such permits, or where neither domain gives the token's `DOMAIN_SEPARATOR`.
 */
export async function permitDomainOf(
  token: string,
  chainId: bigint,
  runner: ContractRunner,
): Promise<TypedDataDomain | undefined> {
  const contract = new Contract(token, TOKEN_ABI, runner);
  const separator = await tryCall<string>(contract, "DOMAIN_SEPARATOR");
  if (separator === undefined) return undefined;
  const stated = await tryCall<[string, string, string]>(contract, "eip712Domain");
  const name = stated?.[1] ?? (await tryCall<string>(contract, "name")) ?? "";
  const versions = stated === undefined ? [await tryCall<string>(contract, "version"), "1"] : [stated[2]];
  const domain = versions
    .filter((version) => version !== undefined)
    .map((version) => ({ name, version, chainId, verifyingContract: token }))
    .find((each) => TypedDataEncoder.hashDomain(each) === separator);
  return domain !== undefined && (await takesPermits(contract, domain)) ? domain : undefined;
}

/**
 * Signs an ERC-2612 permit with the owner's next nonce.
 *
 * @param owner A signer with a provider, which the nonce is read from.
 * @param domain As {@link permitDomainOf} gives it.
 * @param spender The contract that may take the tokens.
 * @param value The allowance, in token base units.
 * @param deadline Unix seconds until which the permit is good; forever by default.
 * @returns The permit as our contracts take it.
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
