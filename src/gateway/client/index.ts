/**
 * A node's gateway, as its users' programs ask it: offers, deployments, logs, access, secrets, datasets, tasks. Nothing
 * here needs Node, so that it can be bundled for browsers.
 */

export { verifyReceipt, type Receipt } from "../deployments/receipts.ts";
export { readEventStream, type StreamEvent } from "./events.ts";
export type { ApplicationView, DeploymentView } from "./forms.ts";
export { fetchFreshQuote } from "./freshQuotes.ts";
export { fetchOffers, type OfferedBy } from "./offers.ts";
export { confirmGateway } from "./gatewayInfo.ts";
export { OrderClient, type ManifestPlace, type OrderClientOptions, type PageQuery } from "./orderClient.ts";
export { GatewayError, gatewayOrigin } from "./request.ts";
export {
  TransferClient,
  type FetchedPart,
  type FileSource,
  type Resource,
  type SentFile,
  type TransferClientOptions,
} from "./transferClient.ts";
