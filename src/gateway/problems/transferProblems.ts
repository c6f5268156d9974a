import type { ProblemTable } from "./problemType.ts";

/** Problems of what is sent and fetched of datasets and tasks, and what is said of the node. */
export const transferProblems = {
  "upload-in-progress": {
    status: 409,
    title: "The file is being sent by another request.",
    hint: "Wait until it is over, then ask by GET .../upload how much has arrived.",
  },
  "upload-offset": {
    status: 409,
    title: "The upload does not go on where it stopped.",
    hint: "Ask GET .../upload how much has arrived and send what is missing, or begin again at 0.",
  },
  "upload-quota-exceeded": {
    status: 413,
    title: "The account has as many bytes here as it may have.",
    hint: "Wait until tasks that are over no longer need their files, revoke grants that are not used, or ask the provider for more.",
  },
  "content-mismatch": {
    status: 422,
    title: "The file is not the one that the chain names.",
    hint: "Send the very file whose hash was registered or published. What was sent is deleted.",
  },
  "range-not-satisfiable": {
    status: 416,
    title: "The file has no such bytes.",
    hint: "Ask for a range within the file's size.",
  },
  "not-granted": {
    status: 403,
    title: "The dataset is not granted to this node.",
    hint: "Let its owner grant it first: `dataset grant`.",
  },
  "not-yours": {
    status: 403,
    title: "The account has no part in this.",
    hint: "Sign with the account that `detail` names.",
  },
  "not-there-yet": {
    status: 404,
    title: "The gateway does not have this yet.",
    hint: "Try again when it was sent or made; `detail` says what is missing.",
  },
  "not-found": {
    status: 404,
    title: "The chain has no such thing.",
    hint: "Check the number and the network; after a reorganisation it may be another.",
  },
  "no-fresh-quote": {
    status: 404,
    title: "The node's enclave gives no fresh quotes.",
    hint: "See the quote of its newest attestation, GET /v1/node/quote, or ask the provider.",
  },
  "enclave-unreachable": {
    status: 502,
    title: "The node's enclave process does not answer.",
    hint: "Try again in a moment; if it persists, tell the provider.",
  },
  "no-offer": {
    status: 404,
    title: "The node offers no such order now.",
    hint: "Ask for fewer units, ask the provider for an offer, or take another node: `market list`.",
  },
  "quote-not-kept": {
    status: 404,
    title: "The provider does not serve this evidence.",
    hint: "Read the attestation from the chain, or ask the provider for the document.",
  },
} as const satisfies ProblemTable;
