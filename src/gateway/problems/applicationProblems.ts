import type { ProblemTable } from "./problemType.ts";

/** Problems of applications: their deployments, addresses and secrets. */
export const applicationProblems = {
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
  "disk-exceeded": {
    status: 422,
    title: "The application took more disk than its order has.",
    hint: "Its volumes are kept: deploy what clears them within a minute, remove them by `app remove --volumes`, or order more units.",
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
} as const satisfies ProblemTable;
