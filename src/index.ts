/** The Computing Power Platform from TypeScript: typed contracts, signed messages, amounts, quotes and proofs of power. */

export * from "./amounts.ts";
export * from "./bindings.ts";
export * as collateral from "./collateral/index.ts";
export * as data from "./data/index.ts";
export * as dcap from "./dcap/index.ts";
export { getAddresses, listNetworks, parseAddressBook, type AddressBook, type ContractName } from "./deployments.ts";
export * from "./eip712/index.ts";
export * as enclave from "./enclave/index.ts";
export { enumName, enumNumber, enums, type EnumName, type EnumValue } from "./enums.ts";
export { decodeError, decodeRevert, errorTexts, revertDataOf, type DecodedError } from "./errors.ts";
export { InputError } from "./inputError.ts";
export * as pow from "./pow/index.ts";
export { connectProtocol, type Protocol } from "./protocol.ts";
export * as sgx from "./sgx/index.ts";
export * from "./terms.ts";
