/** What a validator has signed, so that it never signs its opposite. Needs a file system. */

export { JournalAnchor } from "./anchor.ts";
export { claimsOfVerdict, claimsOfView, claimsOfVouch, signerIn, type Claim, type Signer } from "./claims.ts";
export { type Entry } from "./entry.ts";
export { exportJournals, importJournals, interchangeForm, type Imported, type Interchange } from "./interchange.ts";
export { ContradictionError, Journal } from "./journal.ts";
export { journalsFolder, STATE_VARIABLE } from "./place.ts";
export { signVerdictOnce, signViewOnce, signVouchOnce, type JournaledSigner } from "./sign.ts";
