/** What the platform's contracts and gateways take as EIP-712 signatures: types, digests and signing. */

export { answerTypes } from "../pow/answer.ts";
export {
  DELEGATION_HEADER,
  LONGEST_TOKEN,
  signAccessToken,
  signDelegation,
  signRevocation,
  type Audience,
  type DelegationRequest,
  type NamedOrder,
  type SignedRevocation,
  type TokenRequest,
} from "./access.ts";
export { domainOf, type SigningContract, type TypedDataSigner } from "./domain.ts";
export {
  accessTokenTypes,
  delegationTypes,
  deployTypes,
  gatewayDomain,
  receiptTypes,
  revocationTypes,
} from "./gateway.ts";
export { grantTypes, signGrant, type SignedGrant } from "./grant.ts";
export { inputsTypes, signInputs, type SignedInputs } from "./inputs.ts";
export { hashOffer, offerTypes, signOffer } from "./offer.ts";
export { permitDomainOf, permitTypes, signPermit } from "./permit.ts";
export { setKeyTypes } from "./setKey.ts";
export { signingKeyTypes, signSigningKey } from "./signingKey.ts";
export {
  abortDigest,
  abortTypes,
  resultDigest,
  resultTypes,
  signAbort,
  signResult,
  signVerdict,
  verdictTypes,
  type TaskAbort,
  type TaskResult,
  type TaskVerdict,
} from "./task.ts";
export {
  attestationHash,
  attestationType,
  basisType,
  disputeType,
  encodeVouching,
  signVouch,
  vouchDigest,
  vouchTypes,
  type Vouch,
} from "./vouch.ts";
