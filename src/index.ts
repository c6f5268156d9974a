/**
 * The Computing Power Platform from TypeScript: typed contracts, signed messages, amounts, errors and files. Nothing here needs Node, so
 * that it can be bundled for browsers; quotes, proofs and encrypted data have entries of their own.
 */

export * from "./amounts.ts";
export * from "./bindings.ts";
export { declarationTermsOf, type DeclarationReader, type DeclarationTerms } from "./declaration.ts";
export {
  findAddresses,
  getAddresses,
  listNetworks,
  parseAddressBook,
  type AddressBook,
  type ContractName,
} from "./deployments.ts";
export { parseDocument, type DocumentKind, type DocumentOf } from "./documents/index.ts";
export * from "./eip712/index.ts";
export { enumName, enumNumber, enums, type EnumName, type EnumValue } from "./enums.ts";
export { decodeError, decodeRevert, errorTexts, revertDataOf, type DecodedError } from "./errors.ts";
export { InputError } from "./inputError.ts";
export { challengeSeed, type SeedSource } from "./pow/seed.ts";
export { provenRateOf, targetOf } from "./pow/target.ts";
export { connectProtocol, type Protocol } from "./protocol.ts";
export * from "./terms.ts";
export { readToken, type TokenFacts } from "./token.ts";
