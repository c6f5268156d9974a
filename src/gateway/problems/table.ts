/** What a problem means, in RFC 9457's terms. */
export interface ProblemType {
  /** HTTP status of the answer. */
  readonly status:
    400 | 401 | 403 | 404 | 408 | 409 | 410 | 413 | 415 | 416 | 421 | 422 | 429 | 431 | 500 | 502 | 503 | 504 | 507;
  /** What happened, in one sentence without values. */
  readonly title: string;
  /** What to do next. */
  readonly hint: string;
}

/** Every problem that the gateway answers with, by its code. docs/gateway.md has this table. */
export const problemTypes = {
  "invalid-request": {
    status: 400,
    title: "The request is not well formed.",
    hint: "Correct what `errors` lists; /openapi.json says what the request may contain.",
  },
  "route-not-found": {
    status: 404,
    title: "There is nothing at this address.",
    hint: "See /docs for the gateway's routes.",
  },
  unauthenticated: {
    status: 401,
    title: "This needs a token of the order.",
    hint: "Send `authorization: Bearer ...` with a session's token from /v1/auth/login, or one that the wallet signed itself.",
  },
  "malformed-token": {
    status: 401,
    title: "The token cannot be read.",
    hint: "Send the token as it was issued or signed; make a new one if that is lost.",
  },
  "invalid-signature": {
    status: 401,
    title: "The signature is not that of the account that it names.",
    hint: "Sign again with that account, in the domain of this chain and its OrderEscrow.",
  },
  "token-expired": {
    status: 401,
    title: "What was signed has expired.",
    hint: "Sign in again, or have the wallet sign a new token; check the clock if it is new.",
  },
  "token-not-yet-valid": {
    status: 401,
    title: "What was signed is not valid yet.",
    hint: "Check the clock of the machine that signed it.",
  },
  "token-lasts-too-long": {
    status: 401,
    title: "The token is good for longer than tokens may be.",
    hint: "Have the wallet sign one for at most 900 seconds.",
  },
  "token-used": {
    status: 401,
    title: "This was used already, and is good for one use.",
    hint: "Ask for a new one.",
  },
  "wrong-audience": {
    status: 401,
    title: "What was signed is for another gateway, node or chain.",
    hint: "Sign for what GET /v1/info of this gateway says; never send a token to a gateway that it is not for.",
  },
  "session-ended": {
    status: 401,
    title: "The session was ended.",
    hint: "Sign in again.",
  },
  "invalid-nonce": {
    status: 401,
    title: "The sign-in's nonce is not one that this gateway gave out lately, or was used before.",
    hint: "Ask POST /v1/auth/nonce for a new one and sign again.",
  },
  "wrong-terms": {
    status: 401,
    title: "The order with this number has other terms than the token names.",
    hint: "Read the order from the chain again: after a reorganisation another order may have its number.",
  },
  "invalid-delegation": {
    status: 401,
    title: "The delegation does not allow this.",
    hint: "Ask the order's user for one to this account, for this order and these scopes.",
  },
  "delegation-expired": {
    status: 401,
    title: "The delegation has expired or is not valid yet.",
    hint: "Ask the order's user for a new one.",
  },
  "delegation-revoked": {
    status: 401,
    title: "The order's user has withdrawn the delegation.",
    hint: "Ask the order's user for a new one.",
  },
  "too-many-revocations": {
    status: 409,
    title: "Too many delegations were withdrawn one by one.",
    hint: "Withdraw all that were issued before a time, by `before`.",
  },
  "wrong-order": {
    status: 403,
    title: "The token is for another order.",
    hint: "Use the token of this order.",
  },
  "missing-scope": {
    status: 403,
    title: "The token does not allow this.",
    hint: "Sign in again with the scope that `detail` names.",
  },
  "not-the-user": {
    status: 403,
    title: "The order belongs to another account.",
    hint: "Sign with the order's user, or ask that account for a delegation.",
  },
  "order-not-live": {
    status: 403,
    title: "The order does not stream: it is not active, or its deposit is used up.",
    hint: "Top the order up to restart it, or open another one.",
  },
  "operators-only": {
    status: 403,
    title: "This is for the gateway's operator alone.",
    hint: "Ask from the machine itself, or send the operator's token.",
  },
  "order-not-found": {
    status: 404,
    title: "This node serves no such order.",
    hint: "Check the order's number and its node; an order that was just opened is there with its block.",
  },
  "body-too-large": {
    status: 413,
    title: "The request's body is larger than this route accepts.",
    hint: "Send at most what `detail` says.",
  },
  "rate-limited": {
    status: 429,
    title: "Too many requests.",
    hint: "Wait as long as the Retry-After header says, then try again.",
  },
  "chain-unreachable": {
    status: 503,
    title: "The gateway cannot read the chain, so it cannot tell who may do this.",
    hint: "Running applications keep running. Try again in a moment.",
  },
  "storage-unavailable": {
    status: 503,
    title: "The gateway cannot write to its database.",
    hint: "Nothing was done. Try again in a moment; if it persists, tell the provider.",
  },
  "storage-full": {
    status: 507,
    title: "The gateway's disk is full.",
    hint: "Nothing was done. Tell the provider.",
  },
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
  "manifest-url-refused": {
    status: 422,
    title: "The gateway does not fetch manifests from such a URL.",
    hint: "Give an https URL of a public host, without user and password, on port 443 or one above 1023.",
  },
  "manifest-address-refused": {
    status: 422,
    title: "The manifest's host is not on the public internet.",
    hint: "Put the manifest on a public web server, such as a raw file of a code host.",
  },
  "manifest-redirect-refused": {
    status: 422,
    title: "The manifest's server redirects in a way that the gateway does not follow.",
    hint: "Give the URL at which the file itself is.",
  },
  "manifest-unreachable": {
    status: 502,
    title: "The manifest could not be fetched.",
    hint: "See that the URL answers 200 with the file itself to anybody who asks, then try again.",
  },
  "manifest-timeout": {
    status: 504,
    title: "The manifest's server was too slow.",
    hint: "Try again, or put the manifest on a faster server.",
  },
  "manifest-too-large": {
    status: 413,
    title: "The manifest is too large.",
    hint: "A manifest has at most 64 KiB. Put large files into the image.",
  },
  "manifest-encoding-refused": {
    status: 422,
    title: "The manifest's server compressed it though it was asked not to.",
    hint: "Put the manifest on a server that sends files as they are when asked for `accept-encoding: identity`.",
  },
  "manifest-hash-mismatch": {
    status: 422,
    title: "The file at the URL is not the one that was asked for.",
    hint: "Take a URL whose contents do not change, or ask again with the SHA-256 of the file as it is now.",
  },
  "manifest-invalid": {
    status: 422,
    title: "The manifest cannot be deployed.",
    hint: "Correct what `errors` lists, each with its line; `app validate` checks a file without a gateway.",
  },
  "image-not-found": {
    status: 422,
    title: "An image of the manifest was not found.",
    hint: "Correct the names that `errors` lists; images must be public, or be on the provider's machine.",
  },
  "deployment-not-found": {
    status: 404,
    title: "Nothing was deployed for this order.",
    hint: "Deploy a manifest with `app deploy`.",
  },
  "deploy-nonce-used": {
    status: 409,
    title: "The nonce was used for another deployment of this order.",
    hint: "Sign the request again with a new random nonce.",
  },
  "deploy-request-expired": {
    status: 422,
    title: "The signed request is not good now.",
    hint: "Sign it again, to be good for a few minutes; check the clock of the machine that signs.",
  },
  "deployment-superseded": {
    status: 409,
    title: "Something newer was asked for before this deployment was ready.",
    hint: "Look at the order's newest deployment.",
  },
  "order-number-taken": {
    status: 409,
    title: "The application of another order is still under this order's number.",
    hint: "Try again in a minute.",
  },
  "application-not-ready": {
    status: 422,
    title: "The application did not become ready.",
    hint: "See what `errors` says of each workload, and `app logs` what the containers wrote; then deploy a corrected manifest.",
  },
  "application-not-found": {
    status: 404,
    title: "There is no such application.",
    hint: "See `app status` for the order's services and their addresses.",
  },
  "application-busy": {
    status: 429,
    title: "The order has as many requests under way as it may have at once.",
    hint: "Wait as long as the Retry-After header says, then try again.",
  },
  "application-unavailable": {
    status: 503,
    title: "The application does not answer yet, or no more.",
    hint: "See `app status`. Try again in a moment if it is starting.",
  },
  "application-unreachable": {
    status: 502,
    title: "The application broke off.",
    hint: "See `app logs` for what it says of the request.",
  },
  "application-timeout": {
    status: 504,
    title: "The application took too long.",
    hint: "See `app logs` for what it does with the request.",
  },
  "domain-refused": {
    status: 422,
    title: "This domain cannot lead to an application.",
    hint: "Give a domain of your own, such as shop.example; an order may have ten.",
  },
  "domain-not-proven": {
    status: 422,
    title: "The domain's DNS does not say that it may lead to this order.",
    hint: "Add the TXT record that `detail` names, wait until your name servers have it, and try again.",
  },
  "domain-unresolved": {
    status: 503,
    title: "The name servers did not answer.",
    hint: "Nothing was changed. Try again in a minute.",
  },
  "upgrade-refused": {
    status: 400,
    title: "The connection is not upgraded in this way.",
    hint: "Open a WebSocket: GET, without a body, `upgrade: websocket`.",
  },
  "quota-exceeded": {
    status: 422,
    title: "The application needs more than the order's share of the machine.",
    hint: "Ask for less in the manifest, or order more units.",
  },
  "orchestrator-refused": {
    status: 422,
    title: "The container engine refuses the application.",
    hint: "Correct what `detail` says in the manifest.",
  },
  "orchestrator-unavailable": {
    status: 503,
    title: "The container engine cannot be used now.",
    hint: "The gateway tries again by itself. If it persists, tell the provider.",
  },
  "receipt-not-found": {
    status: 404,
    title: "There is no receipt yet, or this gateway gives none.",
    hint: "Wait until the deployment is ready; a gateway without its provider's key signs no receipts.",
  },
  "secret-not-found": {
    status: 404,
    title: "A secret is not there.",
    hint: "Send it with `app secret set` before deploying what uses it.",
  },
  "secret-version-used": {
    status: 409,
    title: "The secret has this version, or a newer one, already.",
    hint: "Seal it again with a version above the present one.",
  },
  "secret-too-large": {
    status: 413,
    title: "The secret is too large, or the order has too many.",
    hint: "Keep to what `detail` says; put large files into the image or a volume.",
  },
  "secret-not-opened": {
    status: 422,
    title: "The node's enclave could not open a secret.",
    hint: "Seal it again to the enclave key that the chain has for the node, for this order.",
  },
  "secrets-unavailable": {
    status: 503,
    title: "The node's enclave cannot be asked to open secrets now.",
    hint: "The gateway tries again by itself. If it persists, tell the provider.",
  },
  internal: {
    status: 500,
    title: "The gateway failed.",
    hint: "Tell the provider the request id.",
  },
} as const satisfies Readonly<Record<string, ProblemType>>;

/** The stable code of a problem. */
export type ProblemCode = keyof typeof problemTypes;
